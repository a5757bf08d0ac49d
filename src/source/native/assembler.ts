import type { NutStream } from '../../ffmpeg/nut.ts';
import { splitNals } from '../../rtsp/annex-b.ts';
import { entryPoint } from '../../rtsp/entry-point.ts';
import { ROLE, type VideoCodec } from '../../rtsp/nal.ts';
import { UnitMemory } from '../unit-memory.ts';
import type { Depacketizer } from './depacketizer.ts';
import { createKeyJudge } from './key-judge.ts';
import { StreamFormat } from './stream-format.ts';
import { createTimestampUnwrapper } from './timestamps.ts';
import { UnitBuilder } from './unit-builder.ts';

/**
 * Why an access unit is not handed on:
 * - `packet_loss`: some of its packets are missing;
 * - `damaged`: its packets do not fit together;
 * - `too_large`: it is larger than any picture;
 * - `not_decodable`: it depends on one that was lost.
 */
export type UnitLoss = 'packet_loss' | 'damaged' | 'too_large' | 'not_decodable';

export interface AssembledUnit {
  readonly stream: NutStream;
  /** Ticks of 1/90000 s, never negative, running on when the RTP timestamp wraps. */
  readonly pts: number;
  readonly key: boolean;
  /** Annex B. */
  readonly data: Buffer;
}

export interface AssemblerOptions {
  /** Where access units are put; default: memory of its own. */
  readonly memory?: UnitMemory | undefined;
  readonly codec: VideoCodec;
  readonly depacketize: Depacketizer;
  /** Those of the session description, without start codes. */
  readonly parameterSets: readonly Buffer[];
  readonly onUnit: (unit: AssembledUnit) => void;
  /** Not told of what comes before the first keyframe, which was never to be had. */
  readonly onLoss: (reason: UnitLoss) => void;
}

/** A keyframe of 4K takes about 2 MB; beyond this the sender is broken or hostile. */
const MAX_UNIT_BYTES = 32 * 1024 * 1024;
/** More than any picture has in front of its slices. */
const MAX_HEAD_NALS = 256;

/** Puts access units together from the packets of one RTP stream, and hands on those that can be decoded. */
export class Assembler {
  readonly #options: AssemblerOptions;
  readonly #unit: UnitBuilder;
  readonly #format: StreamFormat;
  readonly #unwrap = createTimestampUnwrapper();
  readonly #isKey = createKeyJudge();
  #timestamp = -1;
  /** Of the access unit before. */
  #formerTimestamp = -1;
  /** The access unit that comes in is lost already. */
  #isLost = false;
  /** Packets are missing between two access units: of the former one, of the next one, or of one that did not come at all. */
  #isLossDue = false;
  #waitsForKey = true;
  #hasBegun = false;
  #carriedSets = false;
  /** Some encoders mark each slice instead of the last one: then only the timestamp tells where an access unit ends. */
  #trustsMarker = true;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#unit = new UnitBuilder(options.codec, options.memory ?? new UnitMemory());
    this.#format = new StreamFormat(options.codec, options.parameterSets);
  }

  /** Told when packets are missing in front of the one that comes next, which has this timestamp. */
  gap(timestamp: number): void {
    if (this.#unit.length === 0 && !this.#isLost) this.#isLossDue = true;
    else {
      this.#lose('packet_loss');
      // The rest of the same access unit is of no use; another one may be whole.
      if (timestamp !== this.#timestamp) this.#finish();
    }
    this.#waitsForKey = true;
  }

  /** Takes the payload of a packet: `bytes[start]` to `bytes[end - 1]`. */
  packet(bytes: Buffer, start: number, end: number, timestamp: number, marker: boolean): void {
    if (timestamp !== this.#timestamp) {
      this.#finish();
      this.#timestamp = timestamp;
    }
    if (!this.#isLost && start < end) {
      if (!this.#options.depacketize(this.#unit, bytes, start, end)) this.#lose('damaged');
      else if (this.#unit.length > MAX_UNIT_BYTES) this.#lose('too_large');
    }
    if (marker && this.#trustsMarker) this.#finish();
  }

  #lose(reason: UnitLoss): void {
    if (!this.#isLost) this.#report(this.#isLossDue ? 'packet_loss' : reason);
    this.#isLost = true;
    this.#isLossDue = false;
    this.#waitsForKey = true;
    this.#unit.clear();
  }

  #report(reason: UnitLoss): void {
    if (this.#hasBegun) this.#options.onLoss(reason);
  }

  #finish(): void {
    const { roles } = this.#unit;
    if (this.#isLost) this.#isLost = false;
    // Parameter sets may come ahead of their picture, marked or with a timestamp of their own.
    else if (roles & ROLE.slice) {
      if (this.#unit.opensPicture) this.#deliver(roles);
      else this.#rejectTail();
      this.#formerTimestamp = this.#timestamp;
    }
  }

  /** What begins in the middle of a picture: the first of it was lost, or the marker before it was no end. */
  #rejectTail(): void {
    if (!this.#waitsForKey && this.#timestamp === this.#formerTimestamp) this.#trustsMarker = false;
    this.#lose('damaged');
    this.#isLost = false;
  }

  #deliver(roles: number): void {
    if (this.#isLossDue) this.#report('packet_loss');
    this.#isLossDue = false;
    const data = this.#unit.take();
    const pts = this.#unwrap(this.#timestamp);
    const nals = roles & (ROLE.parameterSet | ROLE.sei) ? splitNals(data, MAX_HEAD_NALS) : [];
    if (roles & ROLE.parameterSet) this.#format.update(nals);
    const entry = roles & ROLE.keySlice ? 'clean' : entryPoint(this.#options.codec, nals);
    const key = this.#isKey(entry, pts);
    const { stream } = this.#format;
    if (!stream || (this.#waitsForKey && !key)) {
      this.#report('not_decodable');
      return;
    }
    this.#waitsForKey = false;
    this.#hasBegun = true;
    const isBare = !this.#carriedSets && !(roles & ROLE.sps);
    this.#carriedSets = true;
    this.#options.onUnit({ stream, pts, key, data: isBare ? Buffer.concat([stream.extradata, data]) : data });
  }
}
