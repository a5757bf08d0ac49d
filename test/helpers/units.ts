import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { cutAccessUnits, joinNals, splitNals } from '../../src/rtsp/annex-b.ts';
import { isParameterSet, type VideoCodec } from '../../src/rtsp/nal.ts';
import type { AccessUnit } from '../../src/source/access-unit.ts';
import type { Clip } from './clips.ts';

/** Takes `count` access units of a stream; `each` is told of each, counted from 1. */
export async function takeUnits(
  units: AsyncGenerator<AccessUnit, void, undefined>,
  count: number,
  each?: (unit: AccessUnit, index: number) => Promise<void> | void,
): Promise<AccessUnit[]> {
  const taken: AccessUnit[] = [];
  for await (const unit of units) {
    taken.push(unit);
    await each?.(unit, taken.length);
    if (taken.length === count) break;
  }
  return taken;
}

/** The access units of a clip as Annex B, each NAL unit behind a start code of four bytes. */
export async function unitsOf(clip: Clip, options: { readonly parameterSets?: boolean } = {}): Promise<Buffer[]> {
  const all = cutAccessUnits(clip.codec, splitNals(await readFile(clip.file)));
  const keeps = (nal: Buffer) => options.parameterSets !== false || !isParameterSet(clip.codec, nal);
  return all.map(({ nals }) => joinNals(nals.filter(keeps)));
}

/** Checks that `received` are the access units of the clip, byte for byte, from a keyframe on, in order and over the loop. */
export function expectLoop(received: readonly Buffer[], original: readonly Buffer[]): void {
  const start = original.findIndex((unit) => received[0]?.equals(unit));
  expect(start, 'the first access unit is one of the clip').toBeGreaterThanOrEqual(0);
  const wrong = received.findIndex((unit, index) => !unit.equals(original[(start + index) % original.length]!));
  expect(wrong, 'index of the first access unit that is another').toBe(-1);
}

/** The access units of a byte stream at ten a second, with timestamps that rise in the order of sending. */
export function accessUnitsOf(codec: VideoCodec, bytes: Buffer): AccessUnit[] {
  const units = cutAccessUnits(codec, splitNals(bytes));
  const extradata = joinNals((units[0]?.nals ?? []).filter((nal) => isParameterSet(codec, nal)));
  const fourcc = codec === 'h264' ? 'H264' : 'HEVC';
  const stream = { fourcc, timeBase: [1, 10] as const, width: 320, height: 240, extradata };
  return units.map(({ nals, keyframe }, index) => {
    return { stream, pts: index, key: keyframe, data: joinNals(nals), at: index * 100, time: 0 };
  });
}
