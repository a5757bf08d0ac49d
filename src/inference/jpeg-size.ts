export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Size of a JPEG by its frame header (ITU-T T.81, B.2.2), without decoding it; undefined where there is none. APIs that answer in pixels
 * do not all say of how many.
 */
export function jpegSize(jpeg: Buffer): PixelSize | undefined {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 9 <= jpeg.length) {
    if (jpeg[at] !== 0xff) return undefined;
    const marker = jpeg[at + 1] ?? 0;
    // Fill bytes, and markers without a length.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    if (isFrameHeader(marker)) {
      const [height, width] = [jpeg.readUInt16BE(at + 5), jpeg.readUInt16BE(at + 7)];
      return width > 0 && height > 0 ? { width, height } : undefined;
    }
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return undefined;
}

/** SOF0 to SOF15, of which DHT, JPG and DAC are none. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
