/**
 * From what a model saw to what a client asked for. The one place for thresholds, labels and suppression, so that every API and every
 * runner gives the same boxes.
 */
import type { Detection } from '../inference/detection.ts';
import { DETECT_DEFAULTS } from '../inference/protocol.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { NMS_FREE } from './decoders/decoders.ts';
import { suppress } from './decoders/nms.ts';
import type { DetectOptions } from './worker-protocol.ts';

type Thresholds = Pick<ModelManifest, 'thresholds'>;

/** The score that a label needs: what the client asks for, but not less than the model's own threshold of that label. */
function scoreFor(label: string, { thresholds }: Thresholds, confidence: number | undefined): number {
  const own = thresholds?.[label];
  if (confidence === undefined) return own ?? DETECT_DEFAULTS.confidence;
  return Math.max(confidence, own ?? 0);
}

/** The lowest score that any label needs: decoders can leave out what is below. */
export function lowestScore(manifest: Pick<ModelManifest, 'labels' | 'thresholds'>, confidence?: number): number {
  if (confidence !== undefined) return confidence;
  const own = Object.values(manifest.thresholds ?? {});
  return Math.min(DETECT_DEFAULTS.confidence, ...own);
}

/** Best first. */
export function select(
  found: readonly Detection[],
  manifest: Pick<ModelManifest, 'thresholds' | 'decoder'>,
  { confidence, labels, overlap, classAgnostic, maxCandidates, maxDetections }: DetectOptions,
): Detection[] {
  const wanted = found.filter(
    ({ label, score }) => score >= scoreFor(label, manifest, confidence) && (!labels || labels.includes(label)),
  );
  const needsNone = NMS_FREE.has(manifest.decoder) && !classAgnostic;
  const kept = suppress(wanted, needsNone ? 1 : overlap, classAgnostic, maxCandidates);
  return kept.slice(0, maxDetections);
}
