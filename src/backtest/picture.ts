import { FramegateError } from '../lib/errors.ts';
import type { AccessUnit } from '../source/access-unit.ts';
import type { LumaSize } from '../source/decode/decoder.ts';
import { type DecoderPool, kindOf } from '../source/decode/decoder-pool.ts';
import { HELD_BACK } from './decode-pass.ts';

const NOTHING = { frame: false, picture: false };
const PICTURE = { frame: false, picture: true };

/**
 * The whole picture of the last of `units` as JPEG. A stream with pictures out of order is pushed on, or the decoder would wait for what comes
 * next; a live camera sends that.
 *
 * @param units from a keyframe up to the wanted picture.
 * @param reorders the stream has pictures out of order.
 * @throws ERR_PICTURE_GONE when `units` is empty, ERR_PICTURE_FAILED when nothing comes out or `signal` aborts first.
 */
export async function wholePicture(
  pool: DecoderPool,
  units: readonly AccessUnit[],
  luma: LumaSize,
  reorders: boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const [key] = units;
  const wanted = units.at(-1);
  if (!key || !wanted || !reorders) return (await pool.picture(units, luma, signal)).jpeg;
  const decoder = await pool.acquire(kindOf(wanted, luma));
  let stop: () => void = () => undefined;
  try {
    const jpeg = await new Promise<Buffer | undefined>((resolve) => {
      stop = () => resolve(undefined);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      decoder.serve({ frame: stop, picture: (_unit, data) => resolve(data), ended: stop });
      for (const unit of units) decoder.write(unit, unit === wanted ? PICTURE : NOTHING);
      for (let count = 0; count < HELD_BACK; count += 1) decoder.write({ ...key }, NOTHING);
    });
    if (jpeg) return jpeg;
    throw new FramegateError('ERR_PICTURE_FAILED', 'the frame could not be decoded');
  } finally {
    signal.removeEventListener('abort', stop);
    pool.release(decoder);
  }
}
