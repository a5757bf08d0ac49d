import type { NutStream } from '../../ffmpeg/nut.ts';
import { joinNals } from '../../rtsp/annex-b.ts';
import { nalRoles, nalType, ROLE, type VideoCodec } from '../../rtsp/nal.ts';
import { CLOCK_RATE } from '../../rtsp/rtp.ts';
import { readSps } from '../../rtsp/sps.ts';

/** Beyond it, parameter sets are no parameter sets: real ones take about a hundred bytes. */
const MAX_SET_BYTES = 16 * 1024;

/** The parameter sets in force, and the stream as they describe it. */
export class StreamFormat {
  readonly #codec: VideoCodec;
  readonly #sets = new Map<number, readonly Buffer[]>();
  #stream: NutStream | undefined;

  /** @param sets those of the session description. */
  constructor(codec: VideoCodec, sets: readonly Buffer[]) {
    this.#codec = codec;
    this.update(sets);
  }

  /** Undefined until there is a sequence parameter set that makes sense. The same object as long as no parameter set changes. */
  get stream(): NutStream | undefined {
    return this.#stream;
  }

  /** Takes over the parameter sets among `nals`: those of a kind replace the former ones of that kind. */
  update(nals: readonly Buffer[]): void {
    const found = new Map<number, Buffer[]>();
    for (const nal of nals) {
      const type = nalType(this.#codec, nal);
      if (!(nalRoles(this.#codec, type) & ROLE.parameterSet) || nal.length > MAX_SET_BYTES) continue;
      const sets = found.get(type) ?? [];
      if (!sets.some((set) => set.equals(nal))) found.set(type, [...sets, nal]);
    }
    let changed = false;
    for (const [type, sets] of found) {
      const former = this.#sets.get(type) ?? [];
      if (sets.length === former.length && sets.every((set, index) => former[index]?.equals(set))) continue;
      // Copies: they must not keep the picture in memory with which they came.
      this.#sets.set(type, sets.map(copy));
      changed = true;
    }
    if (changed) this.#stream = this.#describe();
  }

  #describe(): NutStream | undefined {
    // In both codecs the types are numbered in the order in which a decoder wants them.
    const all = [...this.#sets.entries()].sort(([a], [b]) => a - b).flatMap(([, sets]) => sets);
    const sps = all.find((nal) => nalRoles(this.#codec, nalType(this.#codec, nal)) & ROLE.sps);
    const size = sps && readSps(this.#codec, sps);
    if (!size) return undefined;
    return {
      fourcc: this.#codec === 'h264' ? 'H264' : 'HEVC',
      timeBase: [1, CLOCK_RATE],
      width: size.width,
      height: size.height,
      extradata: joinNals(all),
    };
  }
}

const copy = (bytes: Buffer) => Buffer.from(bytes);
