import type { EntryPoint } from '../../rtsp/entry-point.ts';
import { CLOCK_RATE } from '../../rtsp/rtp.ts';
import { INTRA_REFRESH_SECONDS } from '../stream-traits.ts';

/** Cameras begin with a clean entry point when a client starts to play, or have one every few seconds. */
const PATIENCE_TICKS = INTRA_REFRESH_SECONDS * CLOCK_RATE;

/**
 * Says which access units are keyframes. Only clean entry points are, as long as there are any: a stream that has none for some seconds
 * (intra refresh, open GOPs of I pictures) is begun where it can be.
 */
export function createKeyJudge(): (entry: EntryPoint | undefined, pts: number) => boolean {
  let cleanAt: number | undefined;
  return (entry, pts) => {
    cleanAt ??= pts;
    if (entry === 'clean' || pts < cleanAt) cleanAt = pts;
    return entry === 'clean' || (entry !== undefined && pts - cleanAt >= PATIENCE_TICKS);
  };
}
