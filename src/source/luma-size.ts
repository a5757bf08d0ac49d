import type { NutStream } from '../ffmpeg/nut.ts';
import type { LumaSize } from './decode/decoder.ts';

/** The picture's shape at the wanted height; never blown up. ffmpeg's scaler wants even widths. */
export function lumaSize({ width, height }: NutStream, wanted: number): LumaSize {
  const lumaHeight = Math.min(wanted, height || wanted);
  return {
    height: lumaHeight,
    width: Math.max(16, Math.round(((width || 16) / (height || 9)) * lumaHeight * 0.5) * 2),
  };
}
