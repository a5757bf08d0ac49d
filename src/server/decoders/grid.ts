/**
 * Detectors that tell for each cell of a grid the distances to the four sides of a box, each as a distribution over whole strides
 * (generalised focal loss, Li et al. 2020, https://arxiv.org/abs/2006.04388).
 */
import type { Detection } from '../../inference/detection.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { boxInFrame, type Fit, indexOfMaximum, type Outputs, unfit } from './decoder.ts';

/** The cells of one stride. */
export interface Level {
  readonly stride: number;
  /** One score 0..1 per label; cell `i` begins at `scoresAt + i * scoresStep`. */
  readonly scores: Float32Array;
  readonly scoresAt: number;
  readonly scoresStep: number;
  /** Four times `bins` logits: left, top, right, bottom. */
  readonly distances: Float32Array;
  readonly distancesAt: number;
  readonly distancesStep: number;
  readonly bins: number;
}

type Shape = Pick<ModelManifest, 'input' | 'labels'>;

/** How many cells the grid of a stride has, over the whole input. */
export function cellsOf(stride: number, { input }: Shape): number {
  return Math.ceil(input.width / stride) * Math.ceil(input.height / stride);
}

/** `offset`: where in its cell, in cells, a box is measured from. */
export function decodeLevels(
  levels: readonly Level[],
  manifest: Shape,
  offset: number,
  fit: Fit,
  minScore: number,
): Detection[] {
  const { input, labels } = manifest;
  const detections: Detection[] = [];
  for (const level of levels) {
    const across = Math.ceil(input.width / level.stride);
    for (let cell = 0; cell < cellsOf(level.stride, manifest); cell += 1) {
      const from = level.scoresAt + cell * level.scoresStep;
      const classId = indexOfMaximum(level.scores, from, labels.length);
      const score = level.scores[from + classId]!;
      if (!(score >= minScore)) continue;
      const x = ((cell % across) + offset) * level.stride;
      const y = (Math.floor(cell / across) + offset) * level.stride;
      const at = level.distancesAt + cell * level.distancesStep;
      const side = (index: number) => expectation(level.distances, at + index * level.bins, level.bins) * level.stride;
      const box = boxInFrame(x - side(0), y - side(1), x + side(2), y + side(3), fit);
      if (box) detections.push({ label: labels[classId]!, score: Math.min(1, score), box });
    }
  }
  return detections;
}

/** Levels of models with two outputs per stride: scores [1, cells, labels] and distances [1, cells, 4 * bins]. */
export function levelsFromPairs(outputs: Outputs, manifest: Shape, strides: readonly number[]): Level[] {
  const classes = manifest.labels.length;
  const all = Object.entries(outputs);
  return strides.map((stride) => {
    const cells = cellsOf(stride, manifest);
    const ofLevel = all.filter(([, { dims }]) => dims.at(-2) === cells);
    const isScores = ([name, { dims }]: (typeof all)[number]) => dims.at(-1) === classes && !/dis|reg|box/i.test(name);
    const scores = ofLevel.find(isScores)?.[1];
    const distances = ofLevel.find(([, tensor]) => tensor !== scores && (tensor.dims.at(-1) ?? 0) % 4 === 0)?.[1];
    const columns = distances?.dims.at(-1) ?? 0;
    if (!scores || !distances || columns < 8) {
      throw unfit(`for stride ${stride} outputs [1, ${cells}, ${classes}] and [1, ${cells}, 4 * bins]`, outputs);
    }
    return {
      stride,
      scores: scores.data,
      scoresAt: 0,
      scoresStep: classes,
      distances: distances.data,
      distancesAt: 0,
      distancesStep: columns,
      bins: columns / 4,
    };
  });
}

/** The mean of 0, 1, 2, ... under the softmax of `bins` logits. */
function expectation(logits: Float32Array, from: number, bins: number): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < bins; i += 1) greatest = Math.max(greatest, logits[from + i]!);
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < bins; i += 1) {
    const weight = Math.exp(logits[from + i]! - greatest);
    sum += weight;
    weighted += weight * i;
  }
  return weighted / sum;
}
