import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its initial 2 MB, instead of letting it grow to 32 MB on the first burst and stay there. Frames lie outside the
 * heap, so there is little that survives in it. Call it before the heap grows: first of all.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
