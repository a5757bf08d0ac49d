/**
 * Twenty cameras in motion against one service that is slower and slower: what is answered, how old it is, who gets it. `npm run bench:saturation` makes
 * a page of plots of it.
 */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ageOf, startCameras } from './cameras.ts';
import { ModelServer } from './model-server.ts';
import { type SaturationRow, saturationPage } from './saturation-page.ts';

const CAMERAS = 20;
const SECONDS = 8;

test('twenty cameras share a service, however slow, in turns and with fresh frames', { timeout: 180_000 }, async () => {
  const rows: Array<SaturationRow & Record<string, unknown>> = [];
  for (const serviceMs of [20, 35, 50, 75, 100, 150, 200, 400]) {
    const server = await ModelServer.start(1, serviceMs);
    const cameras = startCameras({
      count: CAMERAS,
      intervalMs: 1000,
      inference: { url: server.url, deadline: '5s' },
    });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const at = performance.now();
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const told = cameras.since(at);
    const seconds = (performance.now() - at) / 1000;
    const answered = told.filter(({ what }) => what === 'ok');
    const perCamera = Array.from({ length: CAMERAS }, (_, index) => {
      return answered.filter(({ camera }) => camera === `camera${index}`).length;
    });
    const [least, most] = [Math.min(...perCamera), Math.max(...perCamera)];
    const atServer = Math.max(...server.since(at).map(({ atOnce }) => atOnce));
    rows.push({
      serviceMs,
      possible: Number(Math.min(CAMERAS, 1000 / serviceMs).toFixed(1)),
      answered: Number((answered.length / seconds).toFixed(1)),
      superseded: told.filter(({ what }) => what === 'superseded').length,
      ageP50: Math.round(ageOf(told, 0.5)),
      ageP95: Math.round(ageOf(told, 0.95)),
      atServer,
      perCamera: `${least}..${most}`,
    });
    expect(most - least).toBeLessThanOrEqual(2);
    // No queue at the server: frames wait where newer ones can take their place.
    expect(atServer).toBeLessThanOrEqual(4);
    expect(answered.length / seconds).toBeGreaterThan(0.75 * Math.min(CAMERAS, 1000 / serviceMs));
    // A frame waits at most until the next one comes, and then for its turn.
    expect(ageOf(told, 0.5)).toBeLessThan(1000 + 8 * serviceMs);
    // A frame with just enough time left when it is sent may find one before it at the server.
    expect(told.filter(({ what }) => what === 'timeout').length).toBeLessThanOrEqual(answered.length / 10);
    expect(told.filter(({ what }) => !['ok', 'superseded', 'stale', 'timeout'].includes(what))).toEqual([]);
    await cameras.stop();
    await server.kill();
  }
  console.table(rows);
  const page = process.env['FRAMEGATE_PLOT'];
  if (page) await writeFile(page, saturationPage(rows, CAMERAS));
});
