import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { joinNals, splitNals } from '../../src/rtsp/annex-b.ts';
import { isParameterSet, type VideoCodec } from '../../src/rtsp/nal.ts';
import type { AccessUnit } from '../../src/source/access-unit.ts';
import { learnTraits, type StreamTraits, unitTraits } from '../../src/source/stream-traits.ts';
import { makeClip } from '../helpers/clips.ts';
import { accessUnits, type Encoding, encode } from '../rtsp/encode.ts';

/** The access units of a byte stream at ten a second; of B-frames in the order of sending, at the times of showing. */
function unitsOf(codec: VideoCodec, bytes: Buffer, pts = (index: number) => index): AccessUnit[] {
  const units = accessUnits(codec, bytes);
  const extradata = joinNals(units[0]!.nals.filter((nal) => isParameterSet(codec, nal)));
  const fourcc = codec === 'h264' ? 'H264' : 'HEVC';
  const stream = { fourcc, timeBase: [1, 10] as const, width: 320, height: 240, extradata };
  return units.map(({ nals, keyframe }, index) => {
    return { stream, pts: pts(index), key: keyframe, data: joinNals(nals), at: 0, time: 0 };
  });
}

const learn = (units: readonly AccessUnit[]) =>
  units.reduce<StreamTraits | undefined>((traits, unit) => learnTraits(traits, unit), undefined);

const traitsOf = async (encoding: Encoding, pts?: (index: number) => number) =>
  learn(unitsOf(encoding.codec, await encode(encoding), pts));

describe.each(['h264', 'h265'] as const)('%s', (codec) => {
  test('a plain stream of I and P pictures', async () => {
    const clip = await makeClip({ codec, gop: 5 });
    const units = unitsOf(codec, await readFile(clip.file));
    const found = units.map((unit) => unitTraits(unit));
    expect(found).toEqual(
      units.map((_, index) =>
        index % 5 === 0 ? { type: 'I', slices: 1, entry: 'clean' } : { type: 'P', slices: 1, entry: undefined },
      ),
    );
    expect(learn(units)).toMatchObject({
      mayReorder: false,
      reorders: false,
      hasB: false,
      slices: 1,
      intraRefresh: false,
    });
  });

  test('B-frames: allowed, there, and seen to change the order', async () => {
    const params = 'bframes=2:b-adapt=0:keyint=30:scenecut=0';
    expect(await traitsOf({ codec, params })).toMatchObject({ mayReorder: true, reorders: false, hasB: true });
    // I0 P3 B1 B2 P6 ...
    const shown = (index: number) => (index % 3 === 1 ? index + 2 : index === 0 ? 0 : index - 1);
    expect(await traitsOf({ codec, params }, shown)).toMatchObject({ reorders: true });
  });

  test('several slices', async () => {
    const clip = await makeClip({ codec, gop: 5, slices: 4, height: 480 });
    expect(learn(unitsOf(codec, await readFile(clip.file)))).toMatchObject({ slices: 4 });
  });

  test('parameter sets may stand in the description only', async () => {
    const units = unitsOf(codec, await encode({ codec, params: 'bframes=0' }));
    const [key, next] = units.map((unit) => {
      const pictures = splitNals(unit.data).filter((nal) => !isParameterSet(codec, nal));
      return unitTraits({ ...unit, data: joinNals(pictures) })?.type;
    });
    expect([key, next]).toEqual(['I', 'P']);
  });
});

test('intra refresh is known once no IDR came for some seconds, and taken back when one comes', async () => {
  const units = unitsOf(
    'h264',
    await encode({ codec: 'h264', frames: 90, params: 'intra-refresh=1:keyint=20:bframes=0' }),
  );
  expect(learn(units.slice(0, 40))).toMatchObject({ intraRefresh: false });
  expect(learn(units)).toMatchObject({ intraRefresh: true });
  const idr = { ...units[0]!, pts: 90 };
  expect(learn([...units, idr])).toMatchObject({ intraRefresh: false, cleanSeconds: 9 });
});

test('a clock that is set back is no reordering', async () => {
  const units = unitsOf('h264', await encode({ codec: 'h264', params: 'bframes=0' }), (index) =>
    index < 15 ? 500 + index : index,
  );
  expect(learn(units)).toMatchObject({ reorders: false });
});

test('another codec has no traits', () => {
  const stream = { fourcc: 'MJPG', timeBase: [1, 10] as const, width: 1, height: 1, extradata: Buffer.alloc(0) };
  const unit = { stream, pts: 0, key: true, data: Buffer.from('0000016588', 'hex'), at: 0, time: 0 };
  expect(unitTraits(unit)).toBeUndefined();
  expect(learnTraits(undefined, unit)).toBeUndefined();
});
