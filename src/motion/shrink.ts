/** A shrunk pixel is the sum over a 4x4 kernel, so it counts sixty-fourths of a gray level: 0..16320. */
export const SHRUNK_SCALE = 64;

/** The first and third byte of a word of four pixels, as two lanes of sixteen bits. */
const LANES = 0x00ff00ff;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Halves `width * height` bytes into `(width >> 1) * (height >> 1)` sums, blurred by (1 3 3 1) in both directions: sensor and codec noise
 * falls to a third, and everything after it has a quarter of the work. Pixels of the border repeat outwards.
 */
export type Shrink = (input: Uint8Array, output: Uint16Array) => void;

export function createShrink(width: number, height: number): Shrink {
  if (width % 4 !== 0 || !IS_LITTLE_ENDIAN) return (input, output) => shrink(input, width, height, output);
  // Frames begin at any byte of a buffer, words at every fourth.
  const words = new Int32Array((width * height) / 4);
  const bytes = new Uint8Array(words.buffer);
  return (input, output) => {
    bytes.set(input.length === bytes.length ? input : input.subarray(0, bytes.length));
    shrinkWords(words, width / 4, height, output);
  };
}

/** Pixel by pixel, for any width. */
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

/** Four pixels at a time: no sum overflows the sixteen bits of its lane. `stride` is the width in words. */
function shrinkWords(input: Int32Array, stride: number, height: number, output: Uint16Array): void {
  const rows = height >> 1;
  let target = 0;
  for (let row = 0; row < rows; row += 1) {
    const b = 2 * row * stride;
    const a = row === 0 ? b : b - stride;
    const c = b + stride;
    const d = 2 * row + 2 < height ? c + stride : c;
    let even = blurDown(input[a]!, input[b]!, input[c]!, input[d]!);
    let odd = blurDown(input[a]! >>> 8, input[b]! >>> 8, input[c]! >>> 8, input[d]! >>> 8);
    /** The column left of this word. */
    let left = even & 0xffff;
    for (let x = 1; x < stride; x += 1) {
      const wa = input[a + x]!;
      const wb = input[b + x]!;
      const wc = input[c + x]!;
      const wd = input[d + x]!;
      const nextEven = blurDown(wa, wb, wc, wd);
      const nextOdd = blurDown(wa >>> 8, wb >>> 8, wc >>> 8, wd >>> 8);
      const sums = (((odd << 16) | left) + Math.imul(3, even + odd) + ((nextEven << 16) | (even >>> 16))) | 0;
      output[target] = sums & 0xffff;
      output[target + 1] = sums >>> 16;
      target += 2;
      left = odd >>> 16;
      even = nextEven;
      odd = nextOdd;
    }
    const last = odd >>> 16;
    const sums = (((odd << 16) | left) + Math.imul(3, even + odd) + ((last << 16) | (even >>> 16))) | 0;
    output[target] = sums & 0xffff;
    output[target + 1] = sums >>> 16;
    target += 2;
  }
}

/** (1 3 3 1) over the four words of a column, in two lanes. */
function blurDown(a: number, b: number, c: number, d: number): number {
  return ((a & LANES) + Math.imul(3, (b & LANES) + (c & LANES)) + (d & LANES)) | 0;
}
