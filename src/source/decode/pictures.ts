import type { Box } from '../../lib/box.ts';
import type { DecodedPicture } from './decoder.ts';

/** The newest whole pictures that were ordered from the decoder in advance. Each is some hundred kilobytes. */
const KEPT = 2;
/** An order nobody comes for within this time is void. */
const ORDER_MS = 5000;

interface Order {
  readonly from: number;
  readonly area: Box | undefined;
}

/**
 * Pictures of an awake camera. Who wants one can mostly tell before its frame is decoded, and the decoder then makes it in passing, which costs a
 * tenth of decoding its GOP once more.
 */
export class Pictures {
  readonly #byTime = new Map<
    number,
    { readonly picture: Promise<DecodedPicture | undefined>; readonly give: (picture?: DecodedPicture) => void }
  >();
  #order: Order | undefined;

  /** The picture of the first frame at `from` or later will probably be wanted, with its part around `area`. */
  order(from: number, area?: Box): void {
    this.#order = { from, area };
  }

  /** The order, if the frame at `at` is the one that it is for. */
  wants(at: number): Order | undefined {
    const order = this.#order;
    if (!order || at < order.from) return undefined;
    this.#order = undefined;
    if (at - order.from > ORDER_MS) return undefined;
    let give: (picture?: DecodedPicture) => void = () => undefined;
    const picture = new Promise<DecodedPicture | undefined>((resolve) => {
      give = resolve;
    });
    this.#byTime.set(at, { picture, give });
    for (const [old, { give: giveUp }] of this.#byTime) {
      if (this.#byTime.size <= KEPT) break;
      giveUp();
      this.#byTime.delete(old);
    }
    return order;
  }

  /** The picture that was ordered for the frame at `at` is there. */
  put(at: number, picture: DecodedPicture): void {
    this.#byTime.get(at)?.give(picture);
  }

  /** The picture of the frame at `at` if it was ordered; it resolves to undefined when the decoder did not live to make it. */
  of(at: number): Promise<DecodedPicture | undefined> | undefined {
    return this.#byTime.get(at)?.picture;
  }

  /** No more of what was ordered will come. */
  clear(): void {
    for (const { give } of this.#byTime.values()) give();
    this.#byTime.clear();
    this.#order = undefined;
  }
}
