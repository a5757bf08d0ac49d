/**
 * The wall clock, in ms since the epoch, at a monotonic moment `at` of the recent past. Not `performance.timeOrigin + at`: a device without a
 * battery clock starts in the wrong year and is corrected over the network while it runs.
 */
export function wallClock(at: number): number {
  return Date.now() - performance.now() + at;
}
