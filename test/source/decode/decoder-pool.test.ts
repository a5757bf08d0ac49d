import { expect, onTestFinished, test } from 'vitest';
import { createFfmpegFinder } from '../../../src/ffmpeg/build.ts';
import { sleep } from '../../../src/lib/abort.ts';
import type { AccessUnit } from '../../../src/source/access-unit.ts';
import { DecoderPool, kindOf } from '../../../src/source/decode/decoder-pool.ts';
import { makeClip } from '../../helpers/clips.ts';
import { unitsOf } from '../../helpers/units.ts';

const LUMA = { width: 160, height: 120 };
const RENEW_MS = 300;

async function clipUnits(): Promise<readonly [AccessUnit, ...AccessUnit[]]> {
  const clip = await makeClip({ seconds: 1 });
  const stream = { fourcc: 'H264', timeBase: [1, 10], width: clip.width, height: clip.height } as const;
  const units = (await unitsOf(clip)).map((data, index) => {
    const at = index * 100;
    return { stream: { ...stream, extradata: Buffer.alloc(0) }, pts: index, key: index === 0, data, at, time: at };
  });
  return units as [AccessUnit, ...AccessUnit[]];
}

function openPool(): DecoderPool {
  const pool = new DecoderPool(createFfmpegFinder(undefined), { renewMs: RENEW_MS });
  onTestFinished(() => pool[Symbol.asyncDispose]());
  return pool;
}

const picture = (pool: DecoderPool, units: readonly AccessUnit[]) =>
  pool.picture(units, LUMA, AbortSignal.timeout(20_000));

test('a decoder that was used waits for the next one that wants it; one that rests is replaced by a new one', async () => {
  const pool = openPool();
  const units = await clipUnits();
  await picture(pool, units.slice(0, 3));
  const used = await pool.acquire(kindOf(units[0], LUMA));
  expect(used.hasGiven).toBe(true);
  pool.release(used);
  await expect.poll(() => used.isRunning, { timeout: 10_000 }).toBe(false);
  expect(pool.snapshot()).toMatchObject({ decoders: 1, spares: 1 });
  const fresh = await pool.acquire(kindOf(units[0], LUMA));
  expect(fresh.hasGiven).toBe(false);
  pool.release(fresh);
  expect((await picture(pool, units)).jpeg.length).toBeGreaterThan(0);
}, 60_000);

test('a decoder that somebody works with is not replaced', async () => {
  const pool = openPool();
  const units = await clipUnits();
  await picture(pool, units);
  const used = await pool.acquire(kindOf(units[0], LUMA));
  await sleep(3 * RENEW_MS);
  expect(used.isRunning).toBe(true);
  pool.release(used);
}, 60_000);

test('a pool that is closed while a spare is replaced leaves no process', async () => {
  const pool = openPool();
  const units = await clipUnits();
  await picture(pool, units);
  const kind = kindOf(units[0], LUMA);
  const used = await pool.acquire(kind);
  pool.release(used);
  await sleep(RENEW_MS);
  await pool[Symbol.asyncDispose]();
  expect(used.isRunning).toBe(false);
  expect(pool.snapshot().decoders).toBe(0);
}, 60_000);
