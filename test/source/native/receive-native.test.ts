import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRtspCamera, type RtspCamera, type RtspCameraOptions } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import { joinNals, splitNals } from '../../../src/rtsp/annex-b.ts';
import { isParameterSet } from '../../../src/rtsp/nal.ts';
import type { AccessUnit } from '../../../src/source/access-unit.ts';
import { receiveNative } from '../../../src/source/native/receive-native.ts';
import { receiveFfmpeg } from '../../../src/source/receive-ffmpeg.ts';
import { type Clip, type ClipOptions, makeClip } from '../../helpers/clips.ts';
import { ffmpegBuilds } from '../../helpers/ffmpeg-builds.ts';
import { expectLoop, takeUnits, unitsOf } from '../../helpers/units.ts';
import { until } from '../../helpers/until.ts';

const QUICK = { fps: 50, gop: 5, seconds: 0.5 } as const;

async function openCamera(clipOptions: ClipOptions = {}, options: Partial<RtspCameraOptions> = {}) {
  const clip = await makeClip({ ...QUICK, ...clipOptions });
  const camera = await openRtspCamera({ file: clip.file, codec: clip.codec, fps: clip.fps, ...options });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  return { clip, camera };
}

const signal = () => AbortSignal.timeout(20_000);

function receive(camera: RtspCamera, options: { stallTimeoutMs?: number; losses?: string[] } = {}) {
  const { stallTimeoutMs = 3000, losses = [] } = options;
  return receiveNative(
    { url: camera.urlWithCredentials, stallTimeoutMs, onLoss: (reason) => losses.push(reason) },
    signal(),
  );
}

const failure = (units: ReturnType<typeof receive>) =>
  takeUnits(units, 1000).then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(['h264', 'h265'] as const)('%s access units are those of the file, byte for byte', (codec) => {
  test.each<{ name: string; clip?: ClipOptions; camera?: Partial<RtspCameraOptions> }>([
    { name: 'one packet or fragments per NAL unit' },
    { name: 'small NAL units in one packet', camera: { aggregate: true } },
    { name: 'several slices', clip: { slices: 4, height: 480 } },
    { name: 'several slices in one packet', clip: { slices: 4, height: 480 }, camera: { aggregate: true } },
    { name: 'delimiters', clip: { delimiters: true } },
    { name: 'parameter sets in the stream only', camera: { parameterSets: 'stream' } },
  ])('$name', async ({ clip: clipOptions, camera: cameraOptions }) => {
    const { clip, camera } = await openCamera({ codec, ...clipOptions }, cameraOptions);
    const losses: string[] = [];
    const units = await takeUnits(receive(camera, { losses }), 40);
    expectLoop(
      units.map(({ data }) => data),
      await unitsOf(clip),
    );
    expect(units.map(({ key }) => key)).toEqual(units.map((_, index) => index % 5 === 0));
    const steps = units.slice(1).map(({ pts }, index) => pts - units[index]!.pts);
    expect(new Set(steps)).toEqual(new Set([1800]));
    expect(losses).toEqual([]);
    const { stream } = units[0]!;
    expect(stream).toMatchObject({ fourcc: codec === 'h264' ? 'H264' : 'HEVC', timeBase: [1, 90_000] });
    expect([stream.width, stream.height]).toEqual([clip.width, clip.height]);
    expect(new Set(units.map((unit) => unit.stream)).size).toBe(1);
  });

  test('parameter sets that stand in the description only come in front of the first keyframe, and no other', async () => {
    const { clip, camera } = await openCamera({ codec }, { parameterSets: 'sdp' });
    const [first, ...others] = await takeUnits(receive(camera), 30);
    const nals = splitNals(first!.data);
    const sets = nals.filter((nal) => isParameterSet(codec, nal));
    expect(sets).toHaveLength(codec === 'h264' ? 2 : 3);
    expect(joinNals(sets)).toEqual(first!.stream.extradata);
    const bare = first!.data.subarray(first!.stream.extradata.length);
    expectLoop([bare, ...others.map(({ data }) => data)], await unitsOf(clip, { parameterSets: false }));
  });
});

test.each(['h264', 'h265'] as const)('%s: ffmpeg gives the same NAL units for the same pictures', async (codec) => {
  const { clip, camera } = await openCamera({ codec, slices: codec === 'h264' ? 3 : 1 });
  const [build] = await ffmpegBuilds();
  const [own, ffmpegs] = await Promise.all([
    takeUnits(receive(camera), 60),
    takeUnits(receiveFfmpeg({ build: build!, url: camera.url, stallTimeoutMs: 5000 }, signal()), 30),
  ]);
  const nals = (units: readonly AccessUnit[]) => units.map(({ data }) => joinNals(splitNals(data)));
  const original = await unitsOf(clip);
  expectLoop(nals(own), original);
  expectLoop(nals(ffmpegs), original);
  expect(ffmpegs.map(({ key }) => key)).toEqual(ffmpegs.map((_, index) => index % 5 === 0));
});

describe('a camera that misbehaves', () => {
  /** Checks that what was received can be decoded: pictures of the clip, in order from a keyframe on, and a keyframe after each break. */
  async function expectDecodable(units: readonly AccessUnit[], clip: Clip) {
    // Without parameter sets, as the packet of one may be lost while the picture behind it is whole.
    const originals = await unitsOf(clip, { parameterSets: false });
    const bare = units.map(({ data }) => joinNals(splitNals(data).filter((nal) => !isParameterSet(clip.codec, nal))));
    const places = bare.map((data) => originals.findIndex((original) => original.equals(data)));
    expect(places).not.toContain(-1);
    let breaks = 0;
    for (const [index, place] of places.entries()) {
      const follows = index > 0 && place === (places[index - 1]! + 1) % originals.length;
      if (!follows) {
        breaks += 1;
        expect(units[index]!.key).toBe(true);
      }
    }
    return breaks;
  }

  test.each(['h264', 'h265'] as const)(
    '%s: after lost packets it goes on with the next keyframe, and says what is missing',
    async (codec) => {
      const { clip, camera } = await openCamera({ codec, width: 640, height: 480 });
      camera.faults.losePackets(0.03);
      const losses: string[] = [];
      const units = await takeUnits(receive(camera, { losses }), 80);
      const breaks = await expectDecodable(units, clip);
      expect(breaks).toBeGreaterThan(2);
      expect(losses).toContain('packet_loss');
      expect(losses).toContain('not_decodable');
      const steps = units.slice(1).map(({ pts }, index) => (pts - units[index]!.pts) / 1800);
      const missing = steps.reduce((sum, step) => sum + step - 1, 0);
      // Several pictures that were lost as a whole count as one, and a parameter set that was lost alone counts too.
      expect(losses.length).toBeLessThan(missing * 1.2 + 3);
      expect(losses.length).toBeGreaterThan(missing * 0.7);
    },
  );

  test.each([
    { codec: 'h264', aggregate: false },
    { codec: 'h264', aggregate: true },
    { codec: 'h265', aggregate: false },
    { codec: 'h265', aggregate: true },
  ] as const)('damaged packets do no harm: %o', async ({ codec, aggregate }) => {
    const { clip, camera } = await openCamera({ codec, width: 640, height: 480 }, { aggregate });
    const units = receive(camera);
    await takeUnits(units, 5);
    camera.faults.corruptPackets(0.3);
    const { stream } = (await takeUnits(receive(camera), 60)).at(-1)!;
    expect([stream.fourcc, clip.codec]).toEqual(codec === 'h264' ? ['H264', 'h264'] : ['HEVC', 'h265']);
  });

  test('bytes between the packets that mean nothing are skipped', async () => {
    const { clip, camera } = await openCamera();
    const units = await takeUnits(receive(camera), 60, (_, index) => {
      if (index % 10 === 5) camera.faults.garbage(300 * index);
    });
    await expectDecodable(units, clip);
  });

  test('without packets it is stalled: at the start, and in the middle', async () => {
    const { camera } = await openCamera();
    camera.faults.stall();
    expect(await failure(receive(camera, { stallTimeoutMs: 400 }))).toMatchObject({
      code: 'ERR_SOURCE_STALLED',
      message: 'the camera answers but no picture comes (0.4s)',
    });
    camera.faults.resume();
    const stalled = takeUnits(receive(camera, { stallTimeoutMs: 400 }), 1000, (_, index) => {
      if (index === 3) camera.faults.stall();
    });
    await expect(stalled).rejects.toMatchObject({
      code: 'ERR_SOURCE_STALLED',
      message: 'the camera stopped sending (0.4s)',
      hint: 'check its load and network',
    });
    await until(() => camera.connections === 0, 'the camera is left');
  });

  test.each([false, true])('it hangs up in the middle (by a reset: %s)', async (reset) => {
    const { camera } = await openCamera();
    const ended = takeUnits(receive(camera), 1000, (_, index) => {
      if (index === 3) camera.faults.dropClients({ reset });
    });
    await expect(ended).rejects.toMatchObject({ code: 'ERR_SOURCE_ENDED' });
  });

  test('another codec ends the session', async () => {
    const { camera } = await openCamera();
    const other = await makeClip({ ...QUICK, codec: 'h265' });
    const ended = takeUnits(receive(camera), 1000, async (_, index) => {
      if (index === 3) await camera.faults.switchFile(other.file, { codec: 'h265' });
    });
    await expect(ended).rejects.toMatchObject({ code: 'ERR_SOURCE_ENDED' });
    const [next] = await takeUnits(receive(camera), 1);
    expect(next?.stream.fourcc).toBe('HEVC');
  });

  test('another resolution is a new stream, from its keyframe on', async () => {
    const { camera } = await openCamera();
    const other = await makeClip({ ...QUICK, width: 162, height: 122 });
    const units = await takeUnits(receive(camera), 40, async (_, index) => {
      if (index === 8) await camera.faults.switchFile(other.file);
    });
    const sizes = units.map(({ stream }) => `${stream.width}x${stream.height}`);
    const change = sizes.indexOf('162x122');
    expect(sizes).toEqual(units.map((_, index) => (index < change ? '320x240' : '162x122')));
    expect(change).toBeGreaterThan(7);
    expect(units[change]?.key).toBe(true);
    expect(new Set(units.map(({ stream }) => stream)).size).toBe(2);
  });

  test('its clock jumps and stands still, but ours goes on', async () => {
    const { camera } = await openCamera();
    const units = await takeUnits(receive(camera), 100, (_, index) => {
      if (index === 10) camera.faults.jumpTimestamps(1000);
      if (index === 30) camera.faults.jumpTimestamps(-40_000);
      if (index === 50) camera.faults.freezeTimestamps(true);
      if (index === 70) camera.faults.freezeTimestamps(false);
    });
    expect(units.every(({ pts }) => pts >= 0)).toBe(true);
    expect(new Set(units.slice(55, 65).map(({ pts }) => pts)).size).toBe(1);
    const ats = units.map(({ at }) => at);
    expect(ats).toEqual(ats.toSorted((a, b) => a - b));
    expect(ats.at(-1)! - ats[0]!).toBeGreaterThan(1000);
  });
});

test('a reader that sleeps finds the last seconds, from a keyframe on, and is told how much it missed', async () => {
  const { camera } = await openCamera();
  const losses: string[] = [];
  const units = receive(camera, { losses });
  const next = async () => (await units.next()).value as AccessUnit;
  const before = await next();
  await new Promise((resolve) => setTimeout(resolve, 7000));
  const after = [await next(), await next(), await next()];
  await units.return();
  expect(after[0]?.key).toBe(true);
  expect(performance.now() - after[0]!.at).toBeLessThan(5000 + 500);
  expect(after.map(({ pts }) => (pts - after[0]!.pts) / 1800)).toEqual([0, 1, 2]);
  expect(new Set(losses)).toEqual(new Set(['reader_busy']));
  expect(losses).toHaveLength((after[0]!.pts - before.pts) / 1800 - 1);
});

test('leaves no socket and no timer behind, however often a camera is opened anew', async () => {
  const { camera } = await openCamera();
  const open = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;
  const before = open();
  const abort = new AbortController();
  const options = { url: camera.url, stallTimeoutMs: 3000 };
  const once = async (index: number) => {
    const units = receiveNative(options, abort.signal);
    if (index % 3 === 0) await units.next();
    if (index % 3 === 1) {
      const first = units.next();
      camera.faults.dropClients({ reset: index % 2 === 0 });
      await first.catch(() => undefined);
    }
    await units.return();
  };
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 10 }, (_, index) => once(round * 10 + index)));
  }
  expect(camera.stats.accepted).toBeGreaterThan(100);
  await until(() => camera.connections === 0, 'the camera is left');
  // The timer of this test, of the camera, and of `until` are what is left.
  await until(() => open() <= before + 1, 'all sockets and timers are gone');
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});
