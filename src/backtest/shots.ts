import sharp from 'sharp';
import { LinkedAbort } from '../lib/abort.ts';
import type { AccessUnit } from '../source/access-unit.ts';
import type { LumaSize } from '../source/decode/decoder.ts';
import type { DecoderPool } from '../source/decode/decoder-pool.ts';
import type { Turn } from './clip-info.ts';

/** Pixels: enough to recognise what it is in a report. */
const WIDTH = 480;
const HEIGHT = 480;
const QUALITY = 70;
/** What takes longer is damaged. */
const TIMEOUT_MS = 10_000;

/** Whole pictures of moments, decoded as the live path does for the model. */
export class Shots {
  readonly #pool: DecoderPool;
  readonly #luma: LumaSize;
  readonly #turn: Turn;
  readonly #reorders: () => boolean;
  readonly #signal: AbortSignal;
  #pending: Array<() => Promise<void>> = [];

  /** @param reorders whether the clip has pictures out of order. */
  constructor(pool: DecoderPool, luma: LumaSize, turn: Turn, reorders: () => boolean, signal: AbortSignal) {
    this.#pool = pool;
    this.#luma = luma;
    this.#turn = turn;
    this.#reorders = reorders;
    this.#signal = signal;
  }

  /** Takes a small picture of the last of `units` at the next `develop`. What cannot be decoded is left out. */
  take(units: readonly AccessUnit[], give: (jpeg: Uint8Array) => void): void {
    this.#pending.push(async () => {
      const jpeg = await this.whole(units).catch(() => undefined);
      if (jpeg) give(await small(jpeg));
    });
  }

  /** Decodes what was taken. */
  async develop(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const shot of pending) await shot();
  }

  /** The whole picture of the last of `units`, turned as players show it. Throws ERR_PICTURE_GONE or ERR_PICTURE_FAILED. */
  async whole(units: readonly AccessUnit[], signal = this.#signal): Promise<Buffer> {
    using link = new LinkedAbort(signal, TIMEOUT_MS);
    const { jpeg } = await this.#pool.picture(units, this.#luma, link.signal, { reorders: this.#reorders() });
    return this.#turn === 0 ? jpeg : sharp(jpeg).rotate(this.#turn).jpeg({ quality: 92 }).toBuffer();
  }
}

async function small(jpeg: Buffer): Promise<Uint8Array> {
  return sharp(jpeg)
    .resize({ width: WIDTH, height: HEIGHT, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: QUALITY })
    .toBuffer();
}
