import { type Decoder, type Outputs, type OutputTensor, unfit } from './decoder.ts';
import { cellsOf, decodeLevels, type Level, levelsFromPairs } from './grid.ts';

const STRIDES = [8, 16, 32];
const PLUS_STRIDES = [8, 16, 32, 64];

/**
 * NanoDet-Plus: one output [1, cells, labels + 4 * bins] over strides 8, 16, 32, 64, measured from the corner of a cell. The first NanoDet:
 * two outputs per stride 8, 16, 32, measured from the middle of a cell. Scores are already sigmoid.
 * Source: RangiLyu/nanodet `nanodet/model/head/nanodet_plus_head.py`, `gfl_head.py`.
 */
export const decodeNanodet: Decoder = (outputs, manifest, fit, minScore) => {
  const [only, ...others] = Object.values(outputs);
  if (only && others.length === 0) {
    return decodeLevels(plusLevels(only, outputs, manifest), manifest, 0, fit, minScore);
  }
  return decodeLevels(levelsFromPairs(outputs, manifest, STRIDES), manifest, 0.5, fit, minScore);
};

function plusLevels({ data, dims }: OutputTensor, outputs: Outputs, manifest: Parameters<Decoder>[1]): Level[] {
  const columns = dims.at(-1) ?? 0;
  const classes = manifest.labels.length;
  const bins = (columns - classes) / 4;
  const cells = PLUS_STRIDES.map((stride) => cellsOf(stride, manifest));
  const all = cells.reduce((sum, count) => sum + count, 0);
  if (!Number.isInteger(bins) || bins < 2 || dims.at(-2) !== all) {
    throw unfit(`one output [1, ${all}, ${classes} + 4 * bins], or two outputs per stride`, outputs);
  }
  return PLUS_STRIDES.map((stride, index) => {
    const at = cells.slice(0, index).reduce((sum, count) => sum + count, 0) * columns;
    return {
      stride,
      scores: data,
      scoresAt: at,
      scoresStep: columns,
      distances: data,
      distancesAt: at + classes,
      distancesStep: columns,
      bins,
    };
  });
}
