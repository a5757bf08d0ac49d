import { randomBytes } from 'node:crypto';
import { isParameterSet } from '../../rtsp/nal.ts';
import { CLOCK_RATE } from '../../rtsp/rtp.ts';
import type { ElementaryStream } from './elementary-stream.ts';
import type { Faults } from './faults.ts';
import type { Broadcast } from './playback.ts';
import { payloads } from './rtp-payload.ts';
import { Timeline } from './timeline.ts';

/** Whoever wants the access units. */
export interface Receiver {
  readonly isPlaying: boolean;
  send(broadcast: Broadcast): void;
  waitForKeyframe(): void;
}

export interface BroadcasterOptions {
  /** Seconds into the stream at which it starts. */
  readonly phase: number;
  /** Whether parameter sets are left in the stream. */
  readonly parameterSets: boolean;
  readonly aggregate: boolean;
  /** RTP timestamp of the first frame, default a random one. */
  readonly timestamp?: number | undefined;
}

/** Longest RTP payload: what cameras use to stay below Ethernet's MTU with room for tunnels. */
const MAX_PAYLOAD_BYTES = 1400;
/** Further behind than this (a suspended machine), frames are left out instead of sent in one burst. */
const MAX_LAG_SECONDS = 1;

/** Sends the access units of a looped stream to all receivers when they are due; rests while none plays. */
export class Broadcaster {
  readonly #options: BroadcasterOptions;
  readonly #faults: Faults;
  readonly #receivers: () => readonly Receiver[];
  #timeline: Timeline;
  #next = 0;
  #frozenTimestamp: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    stream: ElementaryStream,
    options: BroadcasterOptions,
    faults: Faults,
    receivers: () => readonly Receiver[],
  ) {
    this.#options = options;
    this.#faults = faults;
    this.#receivers = receivers;
    const offset = Math.round(options.phase * stream.fps);
    // RFC 3550: timestamps start anywhere. A quarter of the range leaves half an hour and more before they wrap.
    const timestamp = options.timestamp ?? randomBytes(4).readUInt32BE() >>> 2;
    this.#timeline = new Timeline(stream, { at: performance.now(), offset, timestamp });
  }

  get stream(): ElementaryStream {
    return this.#timeline.stream;
  }

  /** Seconds since the start of the stream, from 0 to its length. */
  get position(): number {
    return this.#timeline.position(performance.now());
  }

  /** RTP timestamp of the keyframe with which a client that plays now will begin. */
  get nextKeyframeTimestamp(): number {
    return this.#timestamp(this.#timeline.keyframeFrom(this.#next));
  }

  /** Starts to send, if it is not sending. */
  start(): void {
    if (this.#timer) return;
    this.#next = this.#timeline.frameAt(performance.now()) + 1;
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Goes on with another stream from its start; timestamps continue. */
  switchTo(stream: ElementaryStream): void {
    const now = performance.now();
    const timestamp = this.#timeline.timestamp(this.#timeline.frameAt(now) + 1);
    this.#timeline = new Timeline(stream, { at: now, offset: 0, timestamp });
    this.#next = 0;
  }

  #schedule(): void {
    const delay = this.#timeline.dueAt(this.#next) - performance.now();
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, delay));
  }

  #tick(): void {
    const playing = this.#receivers().filter((receiver) => receiver.isPlaying);
    if (playing.length === 0) {
      this.stop();
      return;
    }
    const newest = this.#timeline.frameAt(performance.now());
    const lags = newest - this.#next > MAX_LAG_SECONDS * this.stream.fps;
    if (lags || this.#faults.stalled) {
      this.#next = newest + 1;
      for (const receiver of playing) receiver.waitForKeyframe();
    }
    for (; this.#next <= newest; this.#next += 1) {
      const broadcast = this.#broadcast(this.#next);
      for (const receiver of playing) receiver.send(broadcast);
    }
    this.#schedule();
  }

  #broadcast(frame: number): Broadcast {
    const { nals, keyframe } = this.#timeline.accessUnit(frame);
    const { codec } = this.stream;
    const sent = this.#options.parameterSets ? nals : nals.filter((nal) => !isParameterSet(codec, nal));
    const { aggregate } = this.#options;
    const timestamp = this.#timestamp(frame);
    if (!this.#faults.timestampsFrozen) this.#frozenTimestamp = undefined;
    else this.#frozenTimestamp ??= timestamp;
    return {
      payloads: payloads(codec, sent, { maxBytes: MAX_PAYLOAD_BYTES, aggregate }),
      keyframe,
      timestamp: this.#frozenTimestamp ?? timestamp,
    };
  }

  #timestamp(frame: number): number {
    const jumped = this.#timeline.timestamp(frame) + Math.round(this.#faults.jumpSeconds * CLOCK_RATE);
    return ((jumped % 2 ** 32) + 2 ** 32) % 2 ** 32;
  }
}
