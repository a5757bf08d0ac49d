const RANGE = 2 ** 32;

/** Counts on where the 32 bits of an RTP timestamp wrap. The result is never negative: a clock that is set back that far goes on a whole range later. */
export function createTimestampUnwrapper(): (timestamp: number) => number {
  let last: number | undefined;
  return (timestamp) => {
    // The bitwise or makes the difference signed: the nearer way round.
    const next = last === undefined ? timestamp : last + ((timestamp - last) | 0);
    last = next < 0 ? next + RANGE : next;
    return last;
  };
}
