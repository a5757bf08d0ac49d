import type { AccessUnit } from '../source/access-unit.ts';

/** How a unit was decoded: in its stream, or as a single keyframe the cheap way that idle cameras use. */
export type Kind = 'frame' | 'look';

/** The small gray frames of access units. A frame lives as long as somebody holds on to its unit. */
export class DecodedFrames {
  readonly #frames = { frame: new WeakMap<AccessUnit, Uint8Array>(), look: new WeakMap<AccessUnit, Uint8Array>() };

  put(kind: Kind, unit: AccessUnit, data: Uint8Array): void {
    this.#frames[kind].set(unit, data);
  }

  /** Undefined when the unit could not be decoded. */
  of(kind: Kind, unit: AccessUnit): Uint8Array | undefined {
    return this.#frames[kind].get(unit);
  }
}
