/** Areas of the outer contours of a binary picture, as OpenCV's `findContours` (external) and `contourArea` give them. */
export function contourAreas(picture: Uint8Array, width: number, height: number): number[] {
  const seen = new Uint8Array(picture.length);
  const areas: number[] = [];
  for (let i = 0; i < picture.length; i += 1) {
    if (picture[i] === 0 || seen[i] === 1) continue;
    areas.push(contourArea(picture, width, height, i));
    flood(picture, seen, width, height, i);
  }
  return areas;
}

const AROUND = [
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
] as const;

/** Follows the border from its first pixel in reading order (Moore), and sums up the polygon through the middles of its pixels. */
function contourArea(picture: Uint8Array, width: number, height: number, start: number): number {
  const at = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && picture[y * width + x] !== 0;
  const startX = start % width;
  const startY = (start - startX) / width;
  let x = startX;
  let y = startY;
  let direction = 0;
  let first = -1;
  let doubled = 0;
  for (let steps = 0; steps < 4 * picture.length; steps += 1) {
    let found = -1;
    for (let turn = 0; turn < 8 && found < 0; turn += 1) {
      const candidate = (direction + 6 + turn) % 8;
      const [dx, dy] = AROUND[candidate]!;
      if (at(x + dx, y + dy)) found = candidate;
    }
    if (found < 0) return 0;
    if (x === startX && y === startY) {
      if (found === first) break;
      if (first < 0) first = found;
    }
    const [dx, dy] = AROUND[found]!;
    doubled += x * (y + dy) - (x + dx) * y;
    x += dx;
    y += dy;
    direction = found;
  }
  return Math.abs(doubled) / 2;
}

function flood(picture: Uint8Array, seen: Uint8Array, width: number, height: number, start: number): void {
  const stack = [start];
  seen[start] = 1;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    const x = i % width;
    const y = (i - x) / width;
    for (const [dx, dy] of AROUND) {
      if (x + dx < 0 || y + dy < 0 || x + dx >= width || y + dy >= height) continue;
      const next = i + dy * width + dx;
      if (picture[next] === 0 || seen[next] === 1) continue;
      seen[next] = 1;
      stack.push(next);
    }
  }
}

/** 3x3 maximum (dilation) or minimum (erosion). */
export function morph(input: Uint8Array, width: number, height: number, kind: 'dilate' | 'erode'): Uint8Array {
  const output = new Uint8Array(input.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let set = 0;
      let count = 0;
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
          set += input[row * width + column]!;
          count += 1;
        }
      }
      output[y * width + x] = kind === 'dilate' ? (set > 0 ? 1 : 0) : set === count ? 1 : 0;
    }
  }
  return output;
}
