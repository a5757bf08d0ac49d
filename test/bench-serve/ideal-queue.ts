/**
 * What no server can beat: frames that arrive at these moments, in one queue before so many loops, each of which takes for a frame what the bare loop
 * took, and nothing in between costs any time.
 */
export function idealLatencies(arrivals: readonly number[], durations: readonly number[], loops: number): number[] {
  const freeAt = Array<number>(loops).fill(0);
  return arrivals.map((at, index) => {
    const first = freeAt.indexOf(Math.min(...freeAt));
    // Spread over all that were measured, in an order that has nothing to do with theirs.
    const duration = durations[(index * 7919) % durations.length] ?? 0;
    const end = Math.max(at, freeAt[first] ?? 0) + duration;
    freeAt[first] = end;
    return end - at;
  });
}
