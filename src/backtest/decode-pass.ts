import { sleep } from '../lib/abort.ts';
import { FramegateError } from '../lib/errors.ts';
import type { AccessUnit } from '../source/access-unit.ts';
import type { Decoder } from '../source/decode/decoder.ts';
import { pushOut } from '../source/decode/push-out.ts';

/** A decoder that gives nothing for this long hangs; the machine may be busy. */
const HANG_MS = 60_000;
const FRAME = { frame: true, picture: false };

/** Decodes the access units of a clip, one after the other, in one decoder. */
export class DecodePass {
  readonly #decoder: Decoder;
  /** Neither given nor passed over yet; oldest first. */
  readonly #open = new Set<AccessUnit>();
  #lastKey: AccessUnit | undefined;
  #error: FramegateError | undefined;
  #wake: () => void = () => undefined;

  /** @param give told of each frame that comes out. */
  constructor(decoder: Decoder, give: (unit: AccessUnit, data: Uint8Array) => void) {
    this.#decoder = decoder;
    decoder.serve({
      frame: ({ unit, data }) => {
        if (this.#open.has(unit)) give(unit, data);
        // What came before it and did not come out is damaged.
        for (const earlier of this.#open) {
          this.#open.delete(earlier);
          if (earlier === unit) break;
        }
        this.#wake();
      },
      picture: () => undefined,
      ended: (error) => {
        this.#error = error;
        this.#wake();
      },
    });
  }

  write(unit: AccessUnit): void {
    if (unit.key) this.#lastKey = unit;
    this.#open.add(unit);
    this.#decoder.write(unit, FRAME);
  }

  isOpen(unit: AccessUnit): boolean {
    return this.#open.has(unit);
  }

  /** Resolves when something came out, or after `ms`. Throws what ended the decoder, and ERR_FFMPEG_EXITED when it hangs. */
  async progress(ms: number): Promise<void> {
    if (this.#error) throw this.#error;
    if (this.#decoder.silentMs > HANG_MS && this.#decoder.waitingMs > HANG_MS) {
      throw new FramegateError('ERR_FFMPEG_EXITED', 'the decoder hangs');
    }
    const given = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([sleep(ms), given]);
  }

  /** Makes the decoder give what it holds back: nothing more comes after this. */
  flush(): void {
    if (this.#lastKey) for (const unit of pushOut(this.#lastKey)) this.write(unit);
  }
}
