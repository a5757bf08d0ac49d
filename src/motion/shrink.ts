/** A shrunk pixel is the sum over a 4x4 kernel, so it counts sixty-fourths of a gray level: 0..16320. */
export const SHRUNK_SCALE = 64;

/**
 * Halves `width * height` bytes into `(width >> 1) * (height >> 1)` sums, blurred by (1 3 3 1) in both directions: sensor and codec noise
 * falls to a third, and everything after it has a quarter of the work. Pixels of the border repeat outwards.
 */
export function shrink(input: Uint8Array, width: number, height: number, output: Uint16Array): void {
  const columns = width >> 1;
  const rows = height >> 1;
  for (let row = 0; row < rows; row += 1) {
    const b = 2 * row * width;
    const a = row === 0 ? b : b - width;
    const c = b + width;
    const d = 2 * row + 2 < height ? c + width : c;
    let left = input[a]! + 3 * (input[b]! + input[c]!) + input[d]!;
    let middle = left;
    for (let column = 0; column < columns; column += 1) {
      const x = 2 * column + 1;
      const beyond = x + 1 < width ? x + 1 : x;
      const right = input[a + x]! + 3 * (input[b + x]! + input[c + x]!) + input[d + x]!;
      const next = input[a + beyond]! + 3 * (input[b + beyond]! + input[c + beyond]!) + input[d + beyond]!;
      output[row * columns + column] = left + 3 * (middle + right) + next;
      left = right;
      middle = next;
    }
  }
}
