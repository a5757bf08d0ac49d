import type { Detection } from '../../inference/detection.ts';
import { iou } from '../../lib/box.ts';

/** The work grows with the square of the candidates; the standard API takes this many. */
const MAX_CANDIDATES = 3000;

/**
 * Greedy non-maximum suppression: of boxes that overlap more than `overlap` (IoU, 0..1) only the best stays.
 * Boxes of different labels do not touch each other unless `acrossLabels`. Best first.
 */
export function suppress(
  detections: readonly Detection[],
  overlap: number,
  acrossLabels = false,
  maxCandidates = MAX_CANDIDATES,
): Detection[] {
  const candidates = detections.toSorted((a, b) => b.score - a.score).slice(0, Math.min(maxCandidates, MAX_CANDIDATES));
  const kept: Detection[] = [];
  for (const candidate of candidates) {
    const covered = kept.some(
      (better) => (acrossLabels || better.label === candidate.label) && iou(better.box, candidate.box) > overlap,
    );
    if (!covered) kept.push(candidate);
  }
  return kept;
}
