import { expect, test } from 'vitest';
import { duration, parseDuration, parseSize, size } from '../../src/lib/units.ts';

test.each([
  ['250ms', 250],
  ['10s', 10_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('%s is a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['10', '10 s', 's', '-1s', '1w', ''])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('sizes are binary with an i and decimal without', () => {
  expect(parseSize('64KiB')).toBe(65_536);
  expect(parseSize('64KB')).toBe(64_000);
  expect(parseSize('1.5GiB')).toBe(1_610_612_736);
  expect(parseSize('12 apples')).toBeUndefined();
});

test('a config value outside its bounds says what the bounds are', () => {
  const schema = duration({ min: '1s', max: '1m' });
  expect(schema.parse('30s')).toBe(30_000);
  expect(schema.safeParse('2m').error?.issues[0]?.message).toBe('must be between 1s and 1m');
  expect(size({ min: '1KiB' }).safeParse('10B').error?.issues[0]?.message).toBe('must be at least 1KiB');
});
