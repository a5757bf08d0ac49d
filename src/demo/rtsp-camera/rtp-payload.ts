/**
 * NAL units as RTP payloads: RFC 6184 (H.264) and RFC 7798 (H.265).
 */
import type { VideoCodec } from '../../rtsp/nal.ts';

export interface PayloadOptions {
  /** Longest payload in bytes; longer NAL units are fragmented. */
  readonly maxBytes: number;
  /** Puts small neighbours into one packet (STAP-A, AP), as some cameras do with parameter sets. */
  readonly aggregate: boolean;
}

/** The payloads of one access unit, in order. */
export function payloads(codec: VideoCodec, nals: readonly Buffer[], options: PayloadOptions): Buffer[] {
  const { maxBytes, aggregate } = options;
  const result: Buffer[] = [];
  let group: Buffer[] = [];
  const flush = () => {
    const [only] = group;
    if (group.length > 1) result.push(aggregation(codec, group));
    else if (only) result.push(only);
    group = [];
  };
  for (const nal of nals) {
    if (!aggregate || aggregatedBytes([...group, nal]) > maxBytes) flush();
    if (nal.length > maxBytes) result.push(...fragments(codec, nal, maxBytes));
    else group.push(nal);
  }
  flush();
  return result;
}

function aggregatedBytes(nals: readonly Buffer[]): number {
  return nals.reduce((total, nal) => total + 2 + nal.length, 2);
}

/** STAP-A (H.264) and AP (H.265); the header carries the highest NRI, or the lowest layer and temporal id, of its parts. */
function aggregation(codec: VideoCodec, nals: readonly Buffer[]): Buffer {
  const header =
    codec === 'h264'
      ? [Math.max(...nals.map((nal) => (nal[0] ?? 0) & 0xe0)) | 24]
      : [48 << 1, Math.min(...nals.map((nal) => nal[1] ?? 0))];
  const parts = nals.flatMap((nal) => [Buffer.from([nal.length >> 8, nal.length & 0xff]), nal]);
  return Buffer.concat([Buffer.from(header), ...parts]);
}

/** FU-A (H.264) and FU (H.265): the NAL header moves into the payload header and the FU header. */
function fragments(codec: VideoCodec, nal: Buffer, maxBytes: number): Buffer[] {
  const byte = nal[0] ?? 0;
  const [type, header] =
    codec === 'h264'
      ? [byte & 0x1f, [(byte & 0xe0) | 28]]
      : [(byte >> 1) & 0x3f, [(byte & 0x81) | (49 << 1), nal[1] ?? 0]];
  const body = nal.subarray(header.length);
  const step = maxBytes - header.length - 1;
  const result: Buffer[] = [];
  for (let at = 0; at < body.length; at += step) {
    const start = at === 0 ? 0x80 : 0;
    const end = at + step >= body.length ? 0x40 : 0;
    result.push(Buffer.concat([Buffer.from([...header, start | end | type]), body.subarray(at, at + step)]));
  }
  return result;
}
