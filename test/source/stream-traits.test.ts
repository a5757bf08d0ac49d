import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { joinNals, splitNals } from '../../src/rtsp/annex-b.ts';
import { isParameterSet, nalType } from '../../src/rtsp/nal.ts';
import type { AccessUnit } from '../../src/source/access-unit.ts';
import { learnTraits, type StreamTraits, unitTraits } from '../../src/source/stream-traits.ts';
import { makeClip } from '../helpers/clips.ts';
import { accessUnitsOf } from '../helpers/units.ts';
import { encode, withoutVui } from '../rtsp/encode.ts';

const learn = (units: readonly AccessUnit[]) =>
  units.reduce<StreamTraits | undefined>((traits, unit) => learnTraits(traits, unit), undefined);

const WITH_B = 'bframes=2:b-adapt=0:keyint=30:scenecut=0';

describe.each(['h264', 'h265'] as const)('%s', (codec) => {
  test('a plain stream of I and P pictures', async () => {
    const clip = await makeClip({ codec, gop: 5 });
    const units = accessUnitsOf(codec, await readFile(clip.file));
    const found = units.map((unit) => unitTraits(unit));
    expect(found).toEqual(
      units.map((_, index) =>
        index % 5 === 0 ? { type: 'I', slices: 1, entry: 'clean' } : { type: 'P', slices: 1, entry: undefined },
      ),
    );
    expect(learn(units)).toMatchObject({
      reorders: false,
      announced: false,
      goesBack: false,
      hasB: false,
      slices: 1,
      intraRefresh: false,
    });
  });

  test('B-frames: announced, there, and seen to change the order', async () => {
    const units = accessUnitsOf(codec, await encode({ codec, params: WITH_B }));
    expect(learn(units.slice(0, 1))).toMatchObject({ reorders: true, announced: true, hasB: false });
    expect(learn(units)).toMatchObject({ reorders: true, goesBack: false, hasB: true });
    // I0 P3 B1 B2 P6 ...
    const shown = (index: number) => (index % 3 === 1 ? index + 2 : index === 0 ? 0 : index - 1);
    expect(learn(units.map((unit, index) => ({ ...unit, pts: shown(index) })))).toMatchObject({ goesBack: true });
  });

  test('several slices', async () => {
    const clip = await makeClip({ codec, gop: 5, slices: 4, height: 480 });
    expect(learn(accessUnitsOf(codec, await readFile(clip.file)))).toMatchObject({ slices: 4 });
  });

  test('parameter sets may stand in the description only', async () => {
    const units = accessUnitsOf(codec, await encode({ codec, params: 'bframes=0' }));
    const [key, next] = units.map((unit) => {
      const pictures = splitNals(unit.data).filter((nal) => !isParameterSet(codec, nal));
      return unitTraits({ ...unit, data: joinNals(pictures) })?.type;
    });
    expect([key, next]).toEqual(['I', 'P']);
  });
});

test('intra refresh is known once no IDR came for some seconds, and taken back when one comes', async () => {
  const units = accessUnitsOf(
    'h264',
    await encode({ codec: 'h264', frames: 90, params: 'intra-refresh=1:keyint=20:bframes=0' }),
  );
  expect(learn(units.slice(0, 40))).toMatchObject({ intraRefresh: false });
  expect(learn(units)).toMatchObject({ intraRefresh: true });
  const idr = { ...units[0]!, pts: 90 };
  expect(learn([...units, idr])).toMatchObject({ intraRefresh: false, cleanSeconds: 9 });
});

test('a clock that is set back is no reordering', async () => {
  const units = accessUnitsOf('h264', await encode({ codec: 'h264', params: 'bframes=0' }));
  const jumping = units.map((unit, index) => ({ ...unit, pts: index < 15 ? 500 + index : index }));
  expect(learn(jumping)).toMatchObject({ reorders: false });
});

describe('parameter sets that do not say whether pictures are out of order, as those of many cameras', () => {
  const traitsOf = async (params: string) => {
    const bytes = await encode({ codec: 'h264', params, options: ['-profile:v', 'main'] });
    return learn(accessUnitsOf('h264', withoutVui(bytes)));
  };

  test('are no sign of B-frames', async () => {
    expect(await traitsOf('bframes=1:b-adapt=1:b-bias=-100')).toMatchObject({
      reorders: false,
      announced: undefined,
      hasB: false,
    });
  });

  test('are no matter where B-frames are seen', async () => {
    expect(await traitsOf(WITH_B)).toMatchObject({ reorders: true, announced: undefined, hasB: true });
  });

  test('in H.265 leave it open what B slices mean', async () => {
    const [first, ...units] = accessUnitsOf('h265', await encode({ codec: 'h265', params: WITH_B }));
    const isSps = (nal: Buffer) => nalType('h265', nal) === 33;
    const damage = (bytes: Buffer) => joinNals(splitNals(bytes).map((nal) => (isSps(nal) ? nal.subarray(0, 4) : nal)));
    const damaged = { ...first!, data: damage(first!.data), stream: { ...first!.stream, extradata: Buffer.alloc(0) } };
    expect(learn([damaged, ...units])).toMatchObject({ reorders: false, announced: undefined, hasB: true });
  });
});

test('a parameter set that is damaged on the way changes nothing', async () => {
  const [first] = accessUnitsOf('h264', await encode({ codec: 'h264', params: WITH_B }));
  const isSps = (nal: Buffer) => nalType('h264', nal) === 7;
  const nals = splitNals(first!.data).map((nal) => (isSps(nal) ? nal.subarray(0, 4) : nal));
  expect(learn([first!, { ...first!, data: joinNals(nals) }])).toMatchObject({ reorders: true, announced: true });
});

test('another codec has no traits', () => {
  const stream = { fourcc: 'MJPG', timeBase: [1, 10] as const, width: 1, height: 1, extradata: Buffer.alloc(0) };
  const unit = { stream, pts: 0, key: true, data: Buffer.from('0000016588', 'hex'), at: 0, time: 0 };
  expect(unitTraits(unit)).toBeUndefined();
  expect(learnTraits(undefined, unit)).toBeUndefined();
});
