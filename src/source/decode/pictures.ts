/** The newest whole pictures that were ordered from the decoder in advance. Each is some hundred kilobytes. */
const KEPT = 2;
/** An order nobody comes for within this time is void. */
const ORDER_MS = 5000;

/**
 * Pictures of an awake camera. Who wants one can mostly tell before its frame is decoded, and the decoder then makes it in passing, which costs a
 * tenth of decoding its GOP once more.
 */
export class Pictures {
  readonly #byTime = new Map<
    number,
    { readonly jpeg: Promise<Buffer | undefined>; readonly give: (jpeg?: Buffer) => void }
  >();
  #orderedFrom: number | undefined;

  /** The picture of the first frame at `at` or later will probably be wanted. */
  order(at: number): void {
    this.#orderedFrom = at;
  }

  /** Whether the frame at `at` is the one that was ordered. */
  wants(at: number): boolean {
    if (this.#orderedFrom === undefined || at < this.#orderedFrom) return false;
    const isVoid = at - this.#orderedFrom > ORDER_MS;
    this.#orderedFrom = undefined;
    if (isVoid) return false;
    let give: (jpeg?: Buffer) => void = () => undefined;
    const jpeg = new Promise<Buffer | undefined>((resolve) => {
      give = resolve;
    });
    this.#byTime.set(at, { jpeg, give });
    for (const [old, { give: giveUp }] of this.#byTime) {
      if (this.#byTime.size <= KEPT) break;
      giveUp();
      this.#byTime.delete(old);
    }
    return true;
  }

  /** The picture that was ordered for the frame at `at` is there. */
  put(at: number, jpeg: Buffer): void {
    this.#byTime.get(at)?.give(jpeg);
  }

  /** The picture of the frame at `at` if it was ordered; it resolves to undefined when the decoder did not live to make it. */
  of(at: number): Promise<Buffer | undefined> | undefined {
    return this.#byTime.get(at)?.jpeg;
  }

  /** No more of what was ordered will come. */
  clear(): void {
    for (const { give } of this.#byTime.values()) give();
    this.#byTime.clear();
    this.#orderedFrom = undefined;
  }
}
