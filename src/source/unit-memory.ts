/** Memory that waits to be used again: what some cameras at night drop with a GOP, 30 pictures and a keyframe each. */
const MAX_FREE_BYTES = 8 * 1024 * 1024;
/** Rounded up to this, so that one keyframe's memory fits the next one. */
const GRAIN = 16 * 1024;

/**
 * The memory of access units, best shared by all cameras. They live for some seconds each, and then die all the same: left to the garbage collector, which
 * finds them only when it goes through everything, they are its main load. So what the ring gives back untouched is used again.
 */
export class UnitMemory {
  #free: ArrayBuffer[] = [];
  #freeBytes = 0;
  /** Made here, and neither being written to nor free. */
  readonly #closed = new WeakSet<ArrayBufferLike>();

  /** At least `bytes` bytes of any content. Close it when nothing more is written to it. */
  open(bytes: number): Buffer {
    const index = this.#free.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= 2 * bytes + GRAIN);
    const [found] = index >= 0 ? this.#free.splice(index, 1) : [];
    if (!found) return Buffer.from(new ArrayBuffer(Math.ceil(bytes / GRAIN) * GRAIN));
    this.#freeBytes -= found.byteLength;
    return Buffer.from(found);
  }

  close({ buffer }: Buffer): void {
    this.#closed.add(buffer);
  }

  /** Takes memory back that nobody looks at any more. What was not made here, or is still written to, is left alone. */
  reuse(memory: ArrayBufferLike): void {
    if (!(memory instanceof ArrayBuffer) || !this.#closed.has(memory)) return;
    if (this.#freeBytes + memory.byteLength > MAX_FREE_BYTES) return;
    // Given back twice, it must not be handed out twice.
    this.#closed.delete(memory);
    this.#free.push(memory);
    this.#freeBytes += memory.byteLength;
  }
}
