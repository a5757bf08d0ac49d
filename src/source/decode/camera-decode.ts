/**
 * Decides, for one camera, how much is decoded:
 *
 * - `idle`: keyframes only, or fewer, on the shared decoder; sizes of packets are watched;
 * - `awake`: every frame that motion needs, on a decoder of its own, from the oldest kept keyframe on, so that nothing before the wake is
 *   lost; until nothing moved for a while;
 * - `always`: as awake, for ever: the user's choice, or a stream on which idling would be blind for too long.
 */
import { Serial } from '../../lib/serial.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { DecodeConfig } from '../config.ts';
import { type Look, type LumaFrame, meanLuma } from '../frame.ts';
import type { GopRing } from '../gop-ring.ts';
import { learnTraits, type StreamTraits } from '../stream-traits.ts';
import { PacketWatch } from '../wake/packet-watch.ts';
import type { SceneMemory } from '../wake/scene-memory.ts';
import { AwakeDecoder } from './awake-decoder.ts';
import type { DecodeSnapshot, WakeReason } from './decode-snapshot.ts';
import type { LumaSize } from './decoder.ts';
import { type DecoderKind, type DecoderSupply, kindOf } from './decoder-pool.ts';
import { GopMeter } from './gop-meter.ts';
import { KeyframeLooks } from './keyframe-looks.ts';
import { Pictures } from './pictures.ts';
import { StartHold } from './start-hold.ts';
import { Unrest } from './unrest.ts';
import { type Wake, WakeRecord } from './wake-record.ts';
import { whyAlways } from './why-always.ts';

/** Packets tell motion this long after it began, at most; what came before is replayed too. */
const PACKET_DELAY_MS = 800;
/** How often an idle camera wakes without cause, to see whether packets tell the truth, or do so by now. */
const PROBE_MS = 10 * 60_000;

interface Awake extends Wake {
  readonly decoder: AwakeDecoder;
}

export interface CameraDecodeParts {
  readonly config: DecodeConfig;
  readonly pool: DecoderSupply;
  readonly ring: GopRing;
  readonly memory: SceneMemory;
  /** Nobody looks for motion now: keyframes only, to know that the camera lives. */
  readonly isPaused: () => boolean;
  readonly emit: (frame: LumaFrame) => void;
  readonly dropped: () => void;
  readonly damaged: () => void;
  readonly restarted: (reason: string) => void;
  /** Told when no decoder can be had; the session ends then. */
  readonly fail: (error: unknown) => void;
}

export class CameraDecode {
  readonly #parts: CameraDecodeParts;
  readonly kind: DecoderKind;
  readonly #packets: PacketWatch;
  readonly pictures = new Pictures();
  /** Looks at keyframes, and decoders that are given back, one after the other. */
  readonly #work: Serial;
  readonly #gops = new GopMeter();
  readonly #start: StartHold;
  readonly #looks: KeyframeLooks;
  readonly #wakes: WakeRecord;
  #restarts = 0;
  #frameAgeMs: number | undefined;
  #awake: Awake | undefined;
  #lastFrameAt = Number.NEGATIVE_INFINITY;
  readonly #unrest = new Unrest();
  #sleptAt = 0;
  #traits: StreamTraits | undefined;
  #closed = false;

  constructor(parts: CameraDecodeParts, first: AccessUnit, luma: LumaSize) {
    this.#parts = parts;
    this.kind = kindOf(first, luma);
    this.#packets = new PacketWatch(parts.memory);
    this.#wakes = new WakeRecord(parts.memory);
    this.#work = new Serial((error) => parts.fail(error));
    this.#start = new StartHold(parts.memory.packets.isWarm);
    this.#looks = new KeyframeLooks({
      ...parts,
      luma,
      gops: this.#gops,
      maxBlindness: parts.config.maxBlindness,
      work: this.#work,
      isIdle: () => !this.#awake && !this.#closed,
      looked: (frame, hasChanged, since) => this.#looked(frame, hasChanged, since),
    });
  }

  /** Takes the next access unit, which the ring has already. */
  take(unit: AccessUnit): void {
    const isNew = this.#start.holds(unit.at, this.#parts.memory.packets.isWarm);
    if (unit.key || isNew) this.#traits = learnTraits(this.#traits, unit);
    if (unit.key) this.#gops.push(unit.at);
    const told = this.#packets.weigh(unit, this.#unrest.restAt(unit.at, this.#awake?.decoder.caughtUpAt));
    if (this.#awake) {
      const isOver = this.#unrest.isOver(unit.at, this.#awake.decoder.caughtUpAt);
      if (!this.#isPaused && (isNew || !isOver || this.#mustAlways)) {
        this.#awake.decoder.feed(unit);
        return;
      }
      this.#sleep(unit);
    }
    this.#looks.forget(unit.at);
    if (this.#isPaused) {
      // Before the second keyframe it is not known whether single ones can be decoded.
      if (this.#gops.ms !== undefined) this.#looks.take(unit);
    } else if (isNew || this.#mustAlways) this.#wake('start', unit.at);
    else if (told) this.#wake('packets', unit.at - PACKET_DELAY_MS);
    else if (unit.key && unit.at - this.#sleptAt > PROBE_MS) this.#wake('probe', unit.at);
    else this.#looks.take(unit);
  }

  /** Not where single keyframes cannot be decoded: there are none, or the decoder holds them back. */
  get #isPaused(): boolean {
    return this.#parts.isPaused() && !this.#traits?.intraRefresh && !this.reorders;
  }

  /** The stream has pictures out of order, or decoders must assume it. */
  get reorders(): boolean {
    return this.#traits?.reorders ?? false;
  }

  /** What the caller saw in a frame. */
  attend({ at, regions, hold }: Look): void {
    const { memory } = this.#parts;
    const awake = this.#awake;
    if (!awake) {
      // The detector sees more in a keyframe than the coarse difference does.
      if (memory.restless.isNews(regions) && memory.budget.allows(at)) this.#wake('keyframe', this.#looks.before);
      return;
    }
    memory.restless.learn(at, regions);
    const moves = hold && (regions.length === 0 || memory.restless.isNews(regions));
    this.#packets.watched(at, moves);
    if (!moves) return;
    this.#unrest.moved(at);
    awake.confirmed = true;
  }

  /** Decodes everything until `until` at least: something outside says that there is something to see. */
  wake(until: number): void {
    this.#unrest.hold(until);
    const { newest } = this.#parts.ring;
    if (newest) this.#wake('trigger', newest.at);
  }

  snapshot(): DecodeSnapshot {
    const { trust, difference, restless } = this.#parts.memory;
    return {
      state: this.#awake ? (this.#mustAlways ? 'always' : 'awake') : 'idle',
      reason: this.#reason,
      ...this.#wakes.snapshot(),
      gopSeconds: this.#gops.ms === undefined ? undefined : Math.round(this.#gops.ms / 100) / 10,
      packets: trust.describe(),
      restless: Math.max(difference.restless, restless.fraction),
      restarts: this.#restarts,
      frameAgeMs: this.#frameAgeMs,
      keptBytes: this.#parts.ring.bytes,
    };
  }

  get #reason(): string {
    if (this.#isPaused) return 'motion is switched off';
    return this.#mustAlways ?? (this.#awake ? `woken by ${this.#awake.reason}` : 'nothing moves');
  }

  /** Resolves when its decoders are given back. */
  async close(): Promise<void> {
    this.#closed = true;
    const awake = this.#awake;
    this.#awake = undefined;
    this.pictures.clear();
    await awake?.decoder.close();
    await this.#work.idle();
  }

  /** Why idling will not do, if so. */
  get #mustAlways(): string | undefined {
    const { config, memory, ring } = this.#parts;
    return whyAlways(config, this.#traits, this.#gops.longest(ring.newest?.at ?? 0), memory.trust);
  }

  /** @param from what is decoded first is the GOP of this moment. */
  #wake(reason: WakeReason, from: number): void {
    if (this.#awake || this.#closed || this.#isPaused) return;
    const { pool, ring, config, emit, dropped, damaged, restarted, fail } = this.#parts;
    const decoder = new AwakeDecoder(
      {
        pool,
        ring,
        kind: this.kind,
        fps: config.fps,
        frame: (frame) => {
          this.#lastFrameAt = frame.at;
          if (decoder.caughtUpAt !== undefined) this.#frameAgeMs = Math.round(performance.now() - frame.at);
          if (frame.unit.key) this.#learn(frame);
          emit(plain(frame));
        },
        reorders: () => this.reorders,
        wantsPicture: (unit) => this.pictures.wants(unit.at),
        picture: (unit, picture) => this.pictures.put(unit.at, picture),
        dropped,
        damaged,
        restarted: (reason) => {
          this.#restarts += 1;
          restarted(reason);
          this.pictures.clear();
        },
        fail,
      },
      this.#lastFrameAt,
    );
    this.#awake = { ...this.#wakes.begin(reason), decoder };
    decoder.start(from);
  }

  #sleep(unit: AccessUnit): void {
    const awake = this.#awake;
    if (!awake) return;
    this.#awake = undefined;
    this.#sleptAt = unit.at;
    this.#looks.seen(this.#lastFrameAt);
    this.pictures.clear();
    this.#wakes.end(awake);
    void this.#work.run(() => awake.decoder.close());
  }

  #looked(frame: LumaFrame, hasChanged: boolean, since: number): void {
    // What lay between the last look and this one is decoded again, in order.
    if (hasChanged) this.#wake('keyframe', since);
    if (this.#awake) return;
    this.#looks.rested(frame.at);
    if (frame.at <= this.#lastFrameAt) return;
    this.#lastFrameAt = frame.at;
    this.#parts.emit(plain(frame));
  }

  /** Awake, keyframes teach the difference what usually changes; its verdict does not matter then. */
  #learn(frame: LumaFrame): void {
    this.#parts.memory.trust.light(meanLuma(frame));
    this.#parts.memory.difference.push(frame);
  }
}

/** Without the access unit, which whoever keeps the frame would keep in memory. */
function plain({ at, time, width, height, data }: LumaFrame): LumaFrame {
  return { at, time, width, height, data };
}
