/**
 * One camera with one set of settings, as the gateway runs it: ring, decode policy and watch are those of the live path. Only its decoders are
 * different (they give what was decoded already) and its clock, which is that of the clip.
 */
import type { CameraConfig } from '../config/schema.ts';
import type { AccessUnit } from '../source/access-unit.ts';
import { CameraDecode } from '../source/decode/camera-decode.ts';
import type { DecodeSnapshot } from '../source/decode/decode-snapshot.ts';
import type { LumaSize } from '../source/decode/decoder.ts';
import type { LumaFrame } from '../source/frame.ts';
import { CAMERA_RING, GopRing } from '../source/gop-ring.ts';
import { createSceneMemory } from '../source/wake/scene-memory.ts';
import { OutsideGate } from '../trigger/outside-gate.ts';
import { createWatch, type Seen, type Watch } from '../watch.ts';
import type { DecodedFrames } from './decoded-frames.ts';
import { ReplaySupply } from './replay-supply.ts';
import type { Interval } from './truth.ts';

/** Told of what a camera sees, frame by frame. */
export interface Witness {
  saw(frame: LumaFrame, seen: Seen, camera: SimulatedCamera): void;
  /** After each unit, when all that came of it is done. */
  passed?(unit: AccessUnit, camera: SimulatedCamera): void;
}

export class SimulatedCamera {
  readonly #config: CameraConfig;
  readonly #frames: DecodedFrames;
  readonly #size: LumaSize;
  readonly #witnesses: readonly Witness[];
  readonly #supply: ReplaySupply;
  readonly #watch: Watch;
  readonly #outside: OutsideGate;
  #now = 0;
  readonly #ring = new GopRing(CAMERA_RING);
  #decode: CameraDecode | undefined;
  #failure: unknown;
  /** What decoders have to give, and frames that wait to be seen: each is done before the next one. */
  readonly #decoded: Array<() => void> = [];
  readonly #emitted: LumaFrame[] = [];
  #openedAt: number | undefined;
  /** Seconds from the first frame. */
  readonly events: Interval[] = [];
  readonly seen: number[] = [];
  readonly triggered: number[] = [];
  /** Frames sent because of `trigger.every`, whatever moves. */
  framesByTime = 0;

  constructor(config: CameraConfig, frames: DecodedFrames, size: LumaSize, witnesses: readonly Witness[] = []) {
    this.#config = config;
    this.#frames = frames;
    this.#size = size;
    this.#witnesses = witnesses;
    this.#supply = new ReplaySupply(this.#frames, size, (work) => this.#decoded.push(work));
    this.#watch = createWatch(config);
    this.#outside = new OutsideGate(config.trigger, () => this.#now);
  }

  /** Access units that a live camera would have decoded. */
  get framesDecoded(): number {
    return this.#supply.decoded;
  }

  get decodeState(): DecodeSnapshot['state'] | undefined {
    return this.#decode?.snapshot().state;
  }

  /** What must be decoded for the picture at `at`. */
  unitsUpTo(at: number): readonly AccessUnit[] {
    return this.#ring.upTo(at);
  }

  take(unit: AccessUnit): void {
    this.#note(this.#watch.tick(unit.at));
    this.#ring.push(unit);
    this.#decode ??= this.#open(unit);
    this.#decode.take(unit);
  }

  /** Does one thing that is to be done before the next unit; false when nothing is. What it may cause comes a turn of the event loop later. */
  step(): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    const frame = this.#emitted.shift();
    if (frame) {
      this.#see(frame);
      return true;
    }
    const work = this.#decoded.shift();
    work?.();
    return work !== undefined;
  }

  /** The unit and all that came of it is done. */
  pass(unit: AccessUnit): void {
    this.#now = unit.at;
    // While something moves, frames are sent anyway.
    if (this.#outside.take() && !this.#watch.active) this.framesByTime += 1;
    for (const witness of this.#witnesses) witness.passed?.(unit, this);
  }

  /** The clip ends at this moment, in ms. */
  async end(at: number): Promise<void> {
    await this.#decode?.close();
    this.#note(this.#watch.tick(at));
    if (this.#openedAt !== undefined) this.events.push([this.#openedAt, at / 1000]);
  }

  #open(first: AccessUnit): CameraDecode {
    const nothing = () => undefined;
    const parts = {
      config: this.#config.decode,
      pool: this.#supply,
      ring: this.#ring,
      memory: createSceneMemory(),
      isPaused: () => false,
      emit: (frame: LumaFrame) => void this.#emitted.push(frame),
      dropped: nothing,
      damaged: nothing,
      restarted: nothing,
      fail: (error: unknown) => {
        this.#failure = error;
      },
    };
    return new CameraDecode(parts, first, this.#size);
  }

  #see(frame: LumaFrame): void {
    const seen = this.#watch.see(frame);
    this.seen.push(frame.at / 1000);
    if (seen.reason) this.triggered.push(frame.at / 1000);
    this.#note(seen.change);
    for (const witness of this.#witnesses) witness.saw(frame, seen, this);
    this.#decode?.attend(seen.look);
  }

  #note(change: Seen['change']): void {
    if (!change) return;
    const seconds = change.at / 1000;
    if (change.open) this.#openedAt = seconds;
    else if (this.#openedAt !== undefined) {
      this.events.push([this.#openedAt, seconds]);
      this.#openedAt = undefined;
    }
  }
}

/** Lets cameras do all that the last unit caused. */
export async function settle(cameras: readonly SimulatedCamera[]): Promise<void> {
  for (let busy = true; busy; ) {
    // What promises of the cameras lead to is done when this resolves.
    await new Promise<void>((resolve) => setImmediate(resolve));
    busy = false;
    for (const camera of cameras) if (camera.step()) busy = true;
  }
}
