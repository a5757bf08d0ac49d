/**
 * The HTML report in a real browser: what people see and do with it.
 */
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { framegate, newFolder } from '../helpers/framegate.ts';
import { container, cutOff, VISIT } from './clips.ts';

/** All that pages asked for or complained about. */
const complaints: string[] = [];

/** A report of a mixed set: one clip found, one opened for nothing, one missed, one broken. */
async function makeReport(): Promise<string> {
  const cwd = newFolder();
  const names = ['good.mp4', 'false.mp4', 'missed.mp4'];
  for (const name of names) await copyFile(await container(name, VISIT), join(cwd, name));
  await cutOff(join(cwd, 'good.mp4'), 0.5);
  const truth = {
    'good.mp4': { motion: [[14, 18]] },
    'false.mp4': { motion: [] },
    'missed.mp4': { motion: [[3, 5]], ignore: [[13, 24]] },
  };
  await writeFile(join(cwd, 'truth.json'), JSON.stringify(truth));
  const args = ['backtest', ...names, 'good-cut.mp4', '--truth', 'truth.json', '--out', 'out'];
  expect((await framegate(args, { cwd })).code).toBe(1);
  return pathToFileURL(join(cwd, 'out/report.html')).href;
}

async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  return browser;
}

async function open(browser: Browser, url: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.on('request', (request) => {
    if (!/^(?:data|file):/.test(request.url())) complaints.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(url);
  return page;
}

it('shows hits, misses, false events and what could not be replayed, and fetches nothing', async () => {
  const page = await open(await startBrowser(), await makeReport());
  const text = await page.locator('body').textContent();
  expect(text).toContain('1 of 2');
  expect(text).toContain('good-cut.mp4 has no index: it is truncated');
  expect(text).toContain('False events (1)');
  expect(text).toContain('Missed events (1)');
  const widths = await page.evaluate<number[]>('[...document.images].map((one) => one.naturalWidth)');
  // A scene for each heat map, and a picture of each event.
  expect(widths.length).toBe(7);
  expect(Math.min(...widths)).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});

it('tells of the moment under the pointer, and zooms by dragging, buttons and the pictures', async () => {
  const page = await open(await startBrowser(), await makeReport(), { viewport: { width: 1280, height: 900 } });
  const section = page.locator('#clip-0');
  const plot = section.locator('.plot');
  await plot.scrollIntoViewIfNeeded();
  const { x, y, width } = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0 };
  const range = async () => ((await plot.getAttribute('viewBox')) ?? '').split(' ').map(Number);
  const [, , whole = 0] = await range();
  const told = section.locator('output');
  await page.mouse.move(x + (width * 16) / whole, y + 20);
  expect(await told.textContent()).toMatch(/^0:16\.\d · changed [\d.]+ %, moving · gate open · truth: motion$/);
  await page.mouse.move(x + (width * 5) / whole, y + 20);
  expect(await told.textContent()).toMatch(/quiet · gate closed · truth: nothing$/);

  await page.mouse.down();
  await page.mouse.move(x + (width * 15) / whole, y + 20, { steps: 4 });
  await page.mouse.up();
  const [from = 0, , span = 0] = await range();
  expect([Math.round(from), Math.round(span)]).toEqual([5, 10]);
  expect(await section.locator('.axis span').first().textContent()).toBe('0:05.0');
  await section.getByRole('button', { name: 'all' }).click();
  expect((await range())[2]).toBe(whole);
  await section.getByRole('button', { name: 'zoom in' }).click();
  expect((await range())[2]).toBeCloseTo(whole / 2);
  await section.getByRole('link', { name: /^0:14/ }).click();
  const [begin = 0, , length] = await range();
  expect(length).toBeCloseTo(10);
  expect(begin).toBeGreaterThan(9);
  expect(begin).toBeLessThan(12);
  expect(complaints).toEqual([]);
});

it('is dark where the reader wants it dark, and fits a phone', async () => {
  const background = (page: Page) => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const [browser, report] = [await startBrowser(), await makeReport()];
  const light = await background(await open(browser, report, { colorScheme: 'light' }));
  const dark = await background(await open(browser, report, { colorScheme: 'dark' }));
  expect([light, dark]).toEqual(['rgb(246, 247, 249)', 'rgb(17, 22, 29)']);
  const phone = await open(browser, report, { viewport: { width: 390, height: 800 } });
  expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(390);
});
