import type { Faults } from './faults.ts';
import { HEADER_BYTES, type RtpTrack } from './rtp-track.ts';

/** One access unit, cut to RTP payloads. */
export interface Broadcast {
  readonly payloads: readonly Buffer[];
  readonly keyframe: boolean;
  readonly timestamp: number;
}

/** Ahead of RFC 3550's five seconds, so that a short test sees more than one. */
const SENDER_REPORT_INTERVAL_MS = 3000;

/** What one client gets between PLAY and PAUSE: everything from the first keyframe on. */
export class Playback {
  readonly #track: RtpTrack;
  readonly #faults: Faults;
  #waitsForKeyframe = true;
  #reportDueAt = 0;

  constructor(track: RtpTrack, faults: Faults) {
    this.#track = track;
    this.#faults = faults;
  }

  /** Nothing is sent until the next keyframe. */
  waitForKeyframe(): void {
    this.#waitsForKeyframe = true;
  }

  /** The packets of an access unit, with a sender report now and then. */
  packets({ payloads, keyframe, timestamp }: Broadcast): Buffer[] {
    if (this.#waitsForKeyframe && !keyframe) return [];
    this.#waitsForKeyframe = false;
    const result: Buffer[] = [];
    for (const [index, payload] of payloads.entries()) {
      const packet = this.#track.packet(payload, timestamp, index === payloads.length - 1);
      const passed = this.#faults.pass(packet, HEADER_BYTES);
      if (passed) result.push(passed);
    }
    const now = performance.now();
    if (now >= this.#reportDueAt) {
      this.#reportDueAt = now + SENDER_REPORT_INTERVAL_MS;
      result.push(this.#track.senderReport(timestamp, Date.now()));
    }
    return result;
  }
}
