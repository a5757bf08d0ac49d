import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadStream } from '../../src/demo/rtsp-camera/elementary-stream.ts';
import { cutAccessUnits, splitNals } from '../../src/rtsp/annex-b.ts';
import { nalType } from '../../src/rtsp/nal.ts';
import { makeClip } from '../helpers/clips.ts';

describe('splitNals', () => {
  test('takes start codes of three and four bytes, and padding, off', () => {
    const bytes = Buffer.from('000000016742c0000001680000000000000165aabb0000', 'hex');
    expect(splitNals(bytes).map((nal) => nal.toString('hex'))).toEqual(['6742c0', '68', '65aabb']);
  });

  test('finds nothing where there is no start code', () => {
    expect(splitNals(Buffer.from('no video at all'))).toEqual([]);
  });
});

describe.each(['h264', 'h265'] as const)('access units of %s', (codec) => {
  test.each([
    { name: 'one slice', options: {} },
    { name: 'several slices', options: { slices: 4, height: 480 } },
    { name: 'delimiters', options: { delimiters: true } },
  ])('are as many as there are pictures, with $name', async ({ options }) => {
    const clip = await makeClip({ codec, gop: 5, ...options });
    const units = cutAccessUnits(codec, splitNals(await readFile(clip.file)));
    expect(units).toHaveLength(clip.frames);
    expect(units.map((unit) => unit.keyframe)).toEqual(units.map((_, index) => index % 5 === 0));
  });

  test('hold every slice and the parameter sets of their picture', async () => {
    const clip = await makeClip({ codec, gop: 5, slices: 4, height: 480 });
    const units = cutAccessUnits(codec, splitNals(await readFile(clip.file)));
    const [key, next] = units;
    expect(next!.nals).toHaveLength(4);
    const first = codec === 'h264' ? [7, 8] : [32, 33, 34];
    expect(key!.nals.map((nal) => nalType(codec, nal)).slice(0, first.length)).toEqual(first);
  });
});

describe('loadStream', () => {
  test('begins with the first keyframe and collects the parameter sets', async () => {
    const clip = await makeClip({ codec: 'h264', gop: 5 });
    const nals = splitNals(await readFile(clip.file));
    const [, second] = cutAccessUnits('h264', nals);
    const late = Buffer.concat([second!, ...cutAccessUnits('h264', nals).slice(5)].flatMap(annexB));
    const stream = await loadStream(late, 'h264', 10);
    expect(stream.accessUnits).toHaveLength(clip.frames - 5);
    expect(stream.parameterSets.map((nal) => nalType('h264', nal))).toEqual([7, 8]);
  });

  test('refuses bytes without a keyframe, and says what it wants', async () => {
    const refused = loadStream(Buffer.from('000001419a00', 'hex'), 'h264', 10);
    await expect(refused).rejects.toMatchObject({
      code: 'ERR_STREAM_CORRUPT',
      hint: expect.stringContaining('Annex B'),
    });
  });
});

function annexB(unit: { readonly nals: readonly Buffer[] }): Buffer[] {
  return unit.nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]);
}
