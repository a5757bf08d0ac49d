import { describe, expect, test } from 'vitest';
import { type EntryPoint, entryPoint } from '../../src/rtsp/entry-point.ts';
import { isParameterSet, isSlice, nalType } from '../../src/rtsp/nal.ts';
import { createSliceReader } from '../../src/rtsp/slice-type.ts';
import { accessUnits, asFfmpegSees, type Encoding, encode } from './encode.ts';

describe('slice types are those that ffmpeg finds', () => {
  test.each<Encoding>([
    { codec: 'h264', params: 'bframes=0:keyint=10' },
    { codec: 'h264', params: 'bframes=3:b-adapt=0:keyint=10' },
    { codec: 'h264', params: 'bframes=2:slices=3' },
    { codec: 'h265', params: 'bframes=0:keyint=10' },
    { codec: 'h265', params: 'bframes=3:b-adapt=0:keyint=10' },
    { codec: 'h265', size: '640x480', params: 'bframes=2:slices=3:keyint=10' },
    { codec: 'h265', size: '640x480', params: 'bframes=2:temporal-layers=1:no-open-gop=1:weightb=1' },
  ])('%o', async (encoding) => {
    const { codec } = encoding;
    const bytes = await encode(encoding);
    const units = accessUnits(codec, bytes);
    const sets = units[0]!.nals.filter((nal) => isParameterSet(codec, nal));
    const typeOf = createSliceReader(codec, sets);
    const types = units.map(({ nals }) => {
      const found = new Set(nals.filter((nal) => isSlice(codec, nal)).map(typeOf));
      expect([...found]).toHaveLength(1);
      return [...found][0]!;
    });
    expect(types.sort()).toEqual((await asFfmpegSees(codec, bytes)).types);
    expect(typeOf(sets[0]!)).toBeUndefined();
    expect(typeOf(units[0]!.nals.find((nal) => isSlice(codec, nal))!.subarray(0, 1))).toBeUndefined();
  });
});

describe('decoding can begin', () => {
  async function entries(encoding: Encoding): Promise<Array<EntryPoint | undefined>> {
    return accessUnits(encoding.codec, await encode(encoding)).map(({ nals }) => entryPoint(encoding.codec, nals));
  }
  const clean = 'clean';

  test.each(['h264', 'h265'] as const)('%s: cleanly at IDR pictures, and nowhere else', async (codec) => {
    const found = await entries({ codec, params: 'bframes=0:keyint=10:min-keyint=10:scenecut=0' });
    expect(found).toEqual(found.map((_, index) => (index % 10 === 0 ? clean : undefined)));
  });

  test('H.264: cleanly at I pictures that announce themselves as recovery points (open GOP)', async () => {
    const found = await entries({ codec: 'h264', params: 'open-gop=1:bframes=2:b-adapt=0:keyint=10:scenecut=0' });
    expect(found.filter((entry) => entry === clean).length).toBeGreaterThanOrEqual(3);
    expect(new Set(found)).toEqual(new Set([clean, undefined]));
    const units = accessUnits('h264', await encode({ codec: 'h264', params: 'open-gop=1:bframes=2:keyint=10' }));
    expect(units.filter(({ keyframe }) => keyframe)).toHaveLength(1);
  });

  test('H.265: cleanly at CRA pictures (open GOP)', async () => {
    const found = await entries({ codec: 'h265', params: 'open-gop=1:bframes=2:keyint=10:scenecut=0' });
    expect(found.filter((entry) => entry === clean).length).toBeGreaterThanOrEqual(3);
  });

  test('H.264: gradually at the recovery points of intra refresh, after the first picture', async () => {
    const found = await entries({
      codec: 'h264',
      frames: 60,
      params: 'intra-refresh=1:keyint=20:bframes=0:scenecut=0',
    });
    expect(found[0]).toBe(clean);
    expect(found.filter((entry) => entry === 'gradual').length).toBeGreaterThanOrEqual(2);
    expect(found.filter((entry) => entry === clean)).toHaveLength(1);
  });

  test('at I pictures behind parameter sets, though what follows may refer back', async () => {
    const [first] = accessUnits('h264', await encode({ codec: 'h264', params: 'bframes=0' }));
    // An IDR slice without its idr_pic_id reads as any I slice up to its type.
    const nals = first!.nals.map((nal) => (nalType('h264', nal) === 5 ? Buffer.from([0x41, ...nal.subarray(1)]) : nal));
    const pictures = nals.filter((nal) => nalType('h264', nal) !== 6);
    expect(entryPoint('h264', pictures)).toBe('intra');
    expect(
      entryPoint(
        'h264',
        pictures.filter((nal) => !isParameterSet('h264', nal)),
      ),
    ).toBeUndefined();
  });
});
