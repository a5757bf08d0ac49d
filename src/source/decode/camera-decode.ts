/**
 * Decides, for one camera, how much is decoded:
 *
 * - `idle`: keyframes only, or fewer, on the shared decoder; sizes of packets are watched;
 * - `awake`: every frame that motion needs, on a decoder of its own, from the oldest kept keyframe on, so that nothing before the wake is
 *   lost; until nothing moved for a while;
 * - `always`: as awake, for ever: the user's choice, or a stream on which idling would be blind for too long.
 */
import { LinkedAbort } from '../../lib/abort.ts';
import { FramegateError } from '../../lib/errors.ts';
import { Serial } from '../../lib/serial.ts';
import type { AccessUnit } from '../access-unit.ts';
import type { DecodeConfig } from '../config.ts';
import type { LumaFrame } from '../frame.ts';
import type { GopRing } from '../gop-ring.ts';
import { learnTraits, type StreamTraits } from '../stream-traits.ts';
import { KeyframeDifference } from '../wake/keyframe-difference.ts';
import { PacketActivity } from '../wake/packet-activity.ts';
import { PacketTrust } from '../wake/packet-trust.ts';
import type { Decoder, LumaSize } from './decoder.ts';
import type { DecoderPool } from './decoder-pool.ts';
import { createRateGrid } from './rate-grid.ts';

/** The detector learns the scene before the camera may sleep for the first time. */
const START_HOLD_MS = 12_000;
/** Without motion for this long an awake camera goes to sleep. Counted from when the decoder has caught up with the replay. */
const HOLD_MS = 3000;
/** The replay is over when the newest frame is no older than this. */
const CATCH_UP_MS = 600;
/** Where packets are trusted, keyframes are looked at about this often, and at least every fifth. */
const KEYFRAME_SPACING_MS = 10_000;
const MAX_KEY_EVERY = 5;
/** Cameras keep to their keyframe interval within a few frames. */
const BLINDNESS_TOLERANCE = 1.1;
/** How often a camera that trusts packets wakes without cause, to see whether they still tell the truth. */
const PROBE_MS = 10 * 60_000;
/** An awake decoder that owes frames for this long hangs. */
const HANG_MS = 4000;

export type WakeReason = 'start' | 'packets' | 'keyframe' | 'probe';

export interface DecodeSnapshot {
  readonly state: 'idle' | 'awake' | 'always';
  /** Why it is in this state, for people. */
  readonly reason: string;
  readonly wakes: Readonly<Record<WakeReason, number>>;
  /** Wakes after which nothing moved. */
  readonly wakesInVain: number;
  /** Seconds from keyframe to keyframe. */
  readonly gopSeconds: number | undefined;
  readonly packets: string;
  /** Fraction of the picture that is masked in the wake decision. */
  readonly restless: number;
}

interface Awake {
  readonly reason: WakeReason;
  /** Undefined while it is being fetched. */
  decoder: Decoder | undefined;
  readonly link: LinkedAbort;
  /** When the replay was over. */
  caughtUpAt: number | undefined;
  /** Something moved since. */
  confirmed: boolean;
  pump: Promise<void>;
}

export interface CameraDecodeParts {
  readonly config: DecodeConfig;
  readonly pool: DecoderPool;
  readonly ring: GopRing;
  readonly emit: (frame: LumaFrame) => void;
  readonly dropped: () => void;
  /** Told when a decoder dies or cannot be had; the session ends then. */
  readonly fail: (error: unknown) => void;
}

export class CameraDecode {
  readonly #parts: CameraDecodeParts;
  readonly #size: LumaSize;
  readonly #wanted: (at: number) => boolean;
  readonly #packets = new PacketActivity();
  readonly #trust = new PacketTrust();
  readonly #difference = new KeyframeDifference();
  /** Wakes and looks, one after the other. */
  readonly #work: Serial;
  readonly #wakes: Record<WakeReason, number> = { start: 0, packets: 0, keyframe: 0, probe: 0 };
  #wakesInVain = 0;
  #awake: Awake | undefined;
  #lastFrameAt = Number.NEGATIVE_INFINITY;
  #movedAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #sleptAt = 0;
  #keyAt: number | undefined;
  #gopMs: number | undefined;
  #startedAt: number | undefined;
  #traits: StreamTraits | undefined;
  #skipToKey = false;
  #closed = false;
  /** Of the GOP under way and the one before: did something move, and did packets say so? */
  #gop = { moved: false, said: false };
  #previousGop = { moved: false, said: false };

  constructor(parts: CameraDecodeParts, size: LumaSize) {
    this.#parts = parts;
    this.#size = size;
    this.#wanted = createRateGrid(parts.config.fps);
    this.#work = new Serial((error) => parts.fail(error));
  }

  /** Takes the next access unit, which the ring has already. */
  take(unit: AccessUnit): void {
    this.#startedAt ??= unit.at;
    if (unit.key || unit.at - this.#startedAt < START_HOLD_MS) this.#traits = learnTraits(this.#traits, unit);
    const isQuiet = unit.at - this.#movedAt > HOLD_MS;
    const moves = this.#packets.push(unit.data.length, unit.key, isQuiet);
    if (moves) this.#gop.said = true;
    if (unit.key) this.#endGop(unit);
    if (this.#awake) {
      if (unit.key && this.#maySleep(unit)) this.#sleep(unit);
      else {
        this.#feed(this.#awake, unit);
        return;
      }
    }
    if (unit.at - this.#startedAt < START_HOLD_MS) this.#wake('start');
    else if (this.#mustAlways) this.#wake('start');
    else if (moves && this.#trust.isTrusted) this.#wake('packets');
    else if (unit.key && this.#trust.isTrusted && unit.at - this.#sleptAt > PROBE_MS) this.#wake('probe');
    else if (unit.key && this.#isDue(unit)) this.#look(unit);
  }

  /** The caller sees something move in the frame at `at`: the camera stays awake. */
  attend(at: number): void {
    this.#movedAt = Math.max(this.#movedAt, at);
    this.#gop.moved = true;
    if (this.#awake) this.#awake.confirmed = true;
  }

  snapshot(): DecodeSnapshot {
    return {
      state: this.#awake ? (this.#mustAlways ? 'always' : 'awake') : 'idle',
      reason: this.#mustAlways ?? (this.#awake ? `woken by ${this.#awake.reason}` : 'nothing moves'),
      wakes: { ...this.#wakes },
      wakesInVain: this.#wakesInVain,
      gopSeconds: this.#gopMs === undefined ? undefined : Math.round(this.#gopMs / 100) / 10,
      packets: this.#trust.describe(),
      restless: this.#difference.restless,
    };
  }

  /** Resolves when all children are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#work.idle();
    const awake = this.#awake;
    this.#awake = undefined;
    if (awake) await release(awake);
  }

  /** Why idling will not do, if so. */
  get #mustAlways(): string | undefined {
    const { mode, maxBlindness } = this.#parts.config;
    if (mode === 'always') return 'decode.mode is always';
    if (this.#traits?.intraRefresh) return 'the stream has no keyframes, its pictures are refreshed gradually';
    if (this.#traits?.reorders) return 'the stream has B-frames, its pictures come out of order';
    if (this.#gopMs === undefined) return 'the time between keyframes is not known yet';
    if (this.#gopMs > maxBlindness * BLINDNESS_TOLERANCE && !this.#trust.isTrusted) {
      return `keyframes come every ${(this.#gopMs / 1000).toFixed(1)}s only, and packets are ${this.#trust.describe()}`;
    }
    return undefined;
  }

  #feed(awake: Awake, unit: AccessUnit): void {
    const { decoder } = awake;
    if (!decoder) return; // the ring has it; the replay will begin there
    if (decoder.isBusy) this.#skipToKey = true;
    else if (unit.key) this.#skipToKey = false;
    if (this.#skipToKey) {
      this.#parts.dropped();
      return;
    }
    decoder.write(unit, unit.at > this.#lastFrameAt && this.#wanted(unit.at));
    if (
      decoder.pending > 0 &&
      unit.at - this.#lastFrameAt > HANG_MS &&
      unit.at - (awake.caughtUpAt ?? unit.at) > HANG_MS
    ) {
      this.#parts.fail(new FramegateError('ERR_FFMPEG_EXITED', 'the decoder hangs'));
    }
  }

  #wake(reason: WakeReason): void {
    if (this.#awake || this.#closed) return;
    this.#wakes[reason] += 1;
    const awake: Awake = {
      reason,
      decoder: undefined,
      link: new LinkedAbort(),
      caughtUpAt: undefined,
      confirmed: false,
      pump: Promise.resolve(),
    };
    this.#awake = awake;
    void this.#work.run(async () => {
      const newest = this.#parts.ring.newest;
      if (!newest || this.#awake !== awake) return;
      const decoder = await this.#parts.pool.acquire(newest.stream.fourcc, this.#size);
      awake.pump = this.#pumpFrames(awake, decoder);
      // Packets tell motion at once; a keyframe tells that there was some since the last look.
      const { ring } = this.#parts;
      for (const unit of reason === 'packets' ? ring.last(2) : ring.since(this.#lookedAt)) {
        decoder.write(unit, unit.at > this.#lastFrameAt && this.#wanted(unit.at));
      }
      awake.decoder = decoder;
    });
  }

  async #pumpFrames(awake: Awake, decoder: Decoder): Promise<void> {
    try {
      for await (const frame of decoder.frames(awake.link.signal)) {
        if (frame.at <= this.#lastFrameAt) continue;
        this.#lastFrameAt = frame.at;
        if (frame.unit.key) this.#learn(frame);
        this.#parts.emit(frame);
        const newest = this.#parts.ring.newest;
        if (awake.caughtUpAt === undefined && newest && newest.at - frame.at < CATCH_UP_MS)
          awake.caughtUpAt = newest.at;
      }
    } catch (error) {
      this.#parts.fail(error);
    }
  }

  #maySleep(unit: AccessUnit): boolean {
    const awake = this.#awake;
    if (!awake?.decoder || awake.caughtUpAt === undefined || this.#mustAlways || this.#startedAt === undefined)
      return false;
    return (
      unit.at - this.#startedAt > START_HOLD_MS &&
      unit.at - awake.caughtUpAt > HOLD_MS &&
      unit.at - this.#movedAt > HOLD_MS
    );
  }

  #sleep(unit: AccessUnit): void {
    const awake = this.#awake;
    if (!awake) return;
    this.#awake = undefined;
    this.#sleptAt = unit.at;
    this.#lookedAt = unit.at;
    this.#packets.reset();
    if (!awake.confirmed && (awake.reason === 'packets' || awake.reason === 'keyframe')) {
      this.#wakesInVain += 1;
      if (awake.reason === 'packets') this.#packets.wasWrong();
      else this.#difference.wasWrong();
    }
    void this.#work.run(() => release(awake));
  }

  #isDue(unit: AccessUnit): boolean {
    const gopMs = this.#gopMs ?? 0;
    const every =
      this.#trust.isTrusted && gopMs > 0
        ? Math.min(MAX_KEY_EVERY, Math.max(1, Math.round(KEYFRAME_SPACING_MS / gopMs)))
        : 1;
    return unit.at - this.#lookedAt > (every - 0.5) * gopMs;
  }

  #look(unit: AccessUnit): void {
    const since = this.#lookedAt;
    void this.#work.run(async () => {
      if (this.#awake || this.#closed) return;
      const frame = await this.#parts.pool.keyframe(unit, this.#size);
      if (!frame || this.#awake || this.#closed) return;
      this.#trust.light(mean(frame.data));
      if (this.#difference.push(frame)) {
        // What lay between the last look and this one is decoded again, in order.
        this.#lookedAt = since;
        return this.#wake('keyframe');
      }
      this.#lookedAt = unit.at;
      if (frame.at <= this.#lastFrameAt) return;
      this.#lastFrameAt = frame.at;
      this.#parts.emit(frame);
    });
  }

  /** Awake, keyframes teach the difference what usually changes; its verdict does not matter then. */
  #learn(frame: LumaFrame): void {
    this.#trust.light(mean(frame.data));
    this.#difference.push(frame);
  }

  /** Books the GOP that a keyframe ended: only what was decoded whole is evidence for or against packets. */
  #endGop(unit: AccessUnit): void {
    if (this.#keyAt !== undefined) {
      const length = unit.at - this.#keyAt;
      this.#gopMs = this.#gopMs === undefined ? length : this.#gopMs + 0.3 * (length - this.#gopMs);
    }
    this.#keyAt = unit.at;
    const [gop, before] = [this.#gop, this.#previousGop];
    if (this.#awake?.caughtUpAt !== undefined) {
      if (gop.moved && !before.moved) this.#trust.onset(gop.said || before.said);
      else if (!gop.moved && !before.moved) this.#trust.quiet(gop.said);
    }
    this.#previousGop = gop;
    this.#gop = { moved: false, said: false };
  }
}

async function release({ decoder, link, pump }: Awake): Promise<void> {
  link.abort();
  await pump;
  await decoder?.[Symbol.asyncDispose]();
}

function mean(data: Uint8Array): number {
  let sum = 0;
  // Every 16th pixel tells day from night well enough.
  for (let index = 0; index < data.length; index += 16) sum += data[index] ?? 0;
  return sum / Math.max(1, Math.ceil(data.length / 16));
}
