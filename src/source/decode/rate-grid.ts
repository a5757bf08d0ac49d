/**
 * Says which frames of a stream are looked at: one per slot of a time grid, whatever the camera's own rate. The grid is shifted by a tenth
 * of a slot, because timestamps are often exact multiples of it and would fall to either side.
 */
export function createRateGrid(fps: number): (at: number) => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return (at) => {
    const slot = Math.floor((at * fps) / 1000 + 0.1);
    if (slot <= last) return false;
    last = slot;
    return true;
  };
}
