import { nalRoles, nalTypeOf, opensPicture, ROLE, type VideoCodec } from '../../rtsp/nal.ts';

const START_CODE_BYTES = 4;
/** Room for some small pictures; larger ones get their own. */
const SLAB_BYTES = 128 * 1024;

/**
 * Puts the NAL units of one access unit together as Annex B. Their bytes are copied once, into slabs that access units share, so that neither
 * packets nor pictures cost a small allocation each.
 */
export class UnitBuilder {
  readonly #codec: VideoCodec;
  #slab: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #roles = 0;
  #firstSlice = -1;
  #isOpen = false;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** The bits of `ROLE` of all NAL units so far. */
  get roles(): number {
    return this.#roles;
  }

  /** True if the first slice is the first one of a picture. */
  get opensPicture(): boolean {
    return this.#firstSlice >= 0 && opensPicture(this.#codec, this.#slab, this.#start + this.#firstSlice);
  }

  /** True while a NAL unit is being put together from fragments. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Adds a whole NAL unit: `bytes[from]` to `bytes[to - 1]`. */
  add(bytes: Buffer, from: number, to: number): void {
    this.#begin(bytes[from] ?? 0, to - from);
    this.append(bytes, from, to);
    this.#isOpen = false;
  }

  /** Begins a NAL unit that comes in fragments; the rest of it is appended. `second` is the other header byte of H.265. */
  open(first: number, second?: number): void {
    this.#begin(first, 2);
    this.#slab[this.#end++] = first;
    if (second !== undefined) this.#slab[this.#end++] = second;
    this.#isOpen = true;
  }

  append(bytes: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    this.#end += bytes.copy(this.#slab, this.#end, from, to);
  }

  /** Hands out what was built, and starts anew. */
  take(): Buffer {
    const unit = this.#slab.subarray(this.#start, this.#end);
    this.#restart(this.#end);
    return unit;
  }

  /** Forgets what was built. */
  clear(): void {
    this.#restart(this.#start);
  }

  #restart(at: number): void {
    this.#start = at;
    this.#end = at;
    this.#roles = 0;
    this.#firstSlice = -1;
    this.#isOpen = false;
  }

  #begin(header: number, bytes: number): void {
    this.#reserve(START_CODE_BYTES + bytes);
    const roles = nalRoles(this.#codec, nalTypeOf(this.#codec, header));
    this.#roles |= roles;
    // By hand: copying four bytes by `copy` takes ten times as long.
    this.#slab[this.#end++] = 0;
    this.#slab[this.#end++] = 0;
    this.#slab[this.#end++] = 0;
    this.#slab[this.#end++] = 1;
    if (roles & ROLE.slice && this.#firstSlice < 0) this.#firstSlice = this.length;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#slab.length) return;
    const { length } = this;
    // What is larger than a slab grows by doubling, so that it is copied few times.
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (length + bytes)));
    this.#slab.copy(slab, 0, this.#start, this.#end);
    this.#slab = slab;
    this.#start = 0;
    this.#end = length;
  }
}
