import { createShowingOrder } from './showing-order.ts';

/** How far the camera's clock may lead or lag before it is taken to have jumped, in ms. */
const MAX_LAG_MS = 1500;
/** How fast the gateway follows a camera whose clock runs slow: 1 ms a second is more than any crystal drifts. */
const DRIFT = 0.001;

/**
 * Places a camera's timestamps on the gateway's monotonic clock. The packet that was under way for the shortest time tells the offset
 * between the clocks best, so jitter of the network does not show in the result. The result never lies in the future and never goes back;
 * a clock that jumps or stands still is followed by the time of arrival. Pictures that arrive out of order get the times in order.
 */
export function createStreamClock(): (ptsMs: number, arrivedAt: number) => number {
  let offset = Number.NaN;
  let last = Number.NEGATIVE_INFINITY;
  let lastPts = Number.NaN;
  let lastArrival = 0;
  const inOrder = createShowingOrder();
  return (decodedPtsMs, arrivedAt) => {
    const ptsMs = inOrder(decodedPtsMs);
    const own = arrivedAt - ptsMs;
    offset = Math.min(offset + DRIFT * (arrivedAt - lastArrival), own);
    const standsStill = ptsMs === lastPts && arrivedAt > lastArrival;
    if (Number.isNaN(offset) || standsStill || own - offset > MAX_LAG_MS) offset = own;
    lastPts = ptsMs;
    lastArrival = arrivedAt;
    last = Math.max(last, ptsMs + offset);
    return last;
  };
}
