import { nalRoles, nalTypeOf, opensPicture, ROLE, type VideoCodec } from '../../rtsp/nal.ts';
import type { UnitMemory } from '../unit-memory.ts';

const START_CODE_BYTES = 4;
/** Room for many small pictures; a large one gets its own. */
const SLAB_BYTES = 32 * 1024;
/** A keyframe may become larger than the one before by this factor. */
const KEYFRAME_MARGIN = 1.125;

/**
 * Puts the NAL units of one access unit together as Annex B. Their bytes are copied once, small ones into slabs that they share, so that
 * neither packets nor pictures cost a small allocation each.
 */
export class UnitBuilder {
  readonly #codec: VideoCodec;
  readonly #memory: UnitMemory;
  /** What small access units share. */
  #slab: Buffer = Buffer.alloc(0);
  #slabEnd = 0;
  /** Where the access unit is built: the slab, or memory of its own. */
  #target: Buffer = this.#slab;
  #start = 0;
  #end = 0;
  #roles = 0;
  #firstSlice = -1;
  #isOpen = false;
  /** Of the latest keyframe: the next one will be about as large. */
  #keyBytes = 0;

  constructor(codec: VideoCodec, memory: UnitMemory) {
    this.#codec = codec;
    this.#memory = memory;
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
    return this.#firstSlice >= 0 && opensPicture(this.#codec, this.#target, this.#start + this.#firstSlice);
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
    this.#target[this.#end++] = first;
    if (second !== undefined) this.#target[this.#end++] = second;
    this.#isOpen = true;
  }

  append(bytes: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    this.#end += bytes.copy(this.#target, this.#end, from, to);
  }

  /** Hands out what was built, and starts anew. */
  take(): Buffer {
    const unit = this.#target.subarray(this.#start, this.#end);
    if (this.#target === this.#slab) this.#slabEnd = this.#end;
    if (this.#roles & ROLE.keySlice) this.#keyBytes = unit.length;
    this.clear();
    return unit;
  }

  /** Forgets what was built. */
  clear(): void {
    if (this.#target !== this.#slab) this.#memory.close(this.#target);
    this.#target = this.#slab;
    this.#start = this.#slabEnd;
    this.#end = this.#slabEnd;
    this.#roles = 0;
    this.#firstSlice = -1;
    this.#isOpen = false;
  }

  #begin(header: number, bytes: number): void {
    this.#reserve(START_CODE_BYTES + bytes);
    const roles = nalRoles(this.#codec, nalTypeOf(this.#codec, header));
    this.#roles |= roles;
    // By hand: copying four bytes by `copy` takes ten times as long.
    this.#target[this.#end++] = 0;
    this.#target[this.#end++] = 0;
    this.#target[this.#end++] = 0;
    this.#target[this.#end++] = 1;
    if (roles & ROLE.slice && this.#firstSlice < 0) this.#firstSlice = this.length;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#target.length) return;
    const { length } = this;
    const isSmall = this.#target === this.#slab && length + bytes <= SLAB_BYTES / 4;
    const target = this.#memory.open(isSmall ? SLAB_BYTES : this.#roomFor(length + bytes));
    this.#target.copy(target, 0, this.#start, this.#end);
    if (isSmall) this.#memory.close(this.#slab);
    else if (this.#target !== this.#slab) this.#memory.close(this.#target);
    if (isSmall) {
      this.#slab = target;
      this.#slabEnd = 0;
    }
    this.#target = target;
    this.#start = 0;
    this.#end = length;
  }

  /** As much as will be needed for this many bytes and more. */
  #roomFor(bytes: number): number {
    const expected = this.#roles & ROLE.keySlice ? this.#keyBytes * KEYFRAME_MARGIN : 0;
    // What is larger than expected grows by doubling, so that it is copied few times.
    return Math.max(SLAB_BYTES, bytes <= expected ? expected : 2 * bytes);
  }
}
