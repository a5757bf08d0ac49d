/** Cameras keep to their keyframe interval within a few frames. */
export const BLINDNESS_TOLERANCE = 1.1;
/** Where packets are trusted, keyframes are looked at about this often, and at least every fifth. */
const TRUSTED_MS = 20_000;
const MAX_KEYFRAMES = 5;

/** Every how many keyframes an idle camera is looked at. */
export function keyframesPerLook(gopMs: number, maxBlindness: number, isTrusted: boolean): number {
  const wanted = isTrusted ? Math.round(TRUSTED_MS / gopMs) : Math.floor((maxBlindness * BLINDNESS_TOLERANCE) / gopMs);
  return Math.min(MAX_KEYFRAMES, Math.max(1, wanted));
}
