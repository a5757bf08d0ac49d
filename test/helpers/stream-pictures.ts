import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { cutAccessUnits, splitNals } from '../../src/rtsp/annex-b.ts';
import { isParameterSet, nalType } from '../../src/rtsp/nal.ts';
import type { Clip } from './clips.ts';

/** Checks that `bytes`, an Annex B stream, holds the pictures of `clip`, unharmed and in order, from a keyframe on and over the loop. */
export async function expectLoopOf(clip: Clip, bytes: Buffer, atLeast: number): Promise<void> {
  const received = pictures(clip, bytes);
  const original = pictures(clip, await readFile(clip.file));
  expect(received.length).toBeGreaterThanOrEqual(atLeast);
  const start = original.indexOf(received[0] ?? 'nothing');
  expect(start).toBeGreaterThanOrEqual(0);
  expect(start % clip.gop).toBe(0);
  expect(received).toEqual(received.map((_, index) => original[(start + index) % original.length]));
}

/** Each picture as one text, without delimiters and parameter sets, which receivers add, repeat or take away. */
function pictures({ codec }: Clip, bytes: Buffer): string[] {
  const isDelimiter = (nal: Buffer) => nalType(codec, nal) === (codec === 'h264' ? 9 : 35);
  return cutAccessUnits(codec, splitNals(bytes)).map(({ nals }) =>
    nals
      .filter((nal) => !isParameterSet(codec, nal) && !isDelimiter(nal))
      .map((nal) => nal.toString('hex'))
      .join(' '),
  );
}
