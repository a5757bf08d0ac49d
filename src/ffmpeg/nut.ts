/**
 * What reader and writer of NUT share. NUT is FFmpeg's own container: it carries any codec (raw pictures too), gives every packet a
 * timestamp and a keyframe flag, and needs no look-ahead, so a packet is out of the pipe as soon as it is in.
 *
 * Format: https://ffmpeg.org/~michael/nut.txt
 */

export const NUT_FILE_ID = Buffer.from('nut/multimedia container\0', 'latin1');

export const STARTCODE = {
  main: 0x4e4d7a561f5f04adn,
  stream: 0x4e5311405bf2f9dbn,
  syncpoint: 0x4e4be4adeeca4569n,
  index: 0x4e58dd672f23e64en,
  info: 0x4e49ab68b596ba78n,
} as const;

export const FLAG = {
  key: 1,
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

/** The video stream of a NUT file. */
export interface NutStream {
  /** FFmpeg's tag: `H264`, `HEVC`, `MJPG`, `Y800` (gray) and so on. */
  readonly fourcc: string;
  /** Seconds per tick of `pts` are `timeBase[0] / timeBase[1]`. */
  readonly timeBase: readonly [numerator: number, denominator: number];
  readonly width: number;
  readonly height: number;
  /** Parameter sets or other set-up data of the codec; may be empty. */
  readonly extradata: Buffer;
}

export interface NutPacket {
  /** In ticks of the stream's time base. */
  readonly pts: number;
  readonly key: boolean;
  readonly data: Buffer;
}
