import { expect, test } from 'vitest';
import { PacketTrust } from '../../../src/source/wake/packet-trust.ts';

function observe(trust: PacketTrust, { told = 0, missed = 0, quiet = 0, alarms = 0 }): void {
  for (let count = 0; count < quiet; count += 1) trust.quiet(false);
  for (let count = 0; count < alarms; count += 1) trust.quiet(true);
  for (let count = 0; count < missed; count += 1) trust.onset(false);
  for (let count = 0; count < told; count += 1) trust.onset(true);
}

test('trust is earned by onsets that were told and by quiet that was quiet', () => {
  const trust = new PacketTrust();
  expect(trust.isTrusted).toBe(false);
  observe(trust, { quiet: 10 });
  expect(trust.isTrusted).toBe(false);
  observe(trust, { told: 3 });
  expect(trust.isTrusted).toBe(true);
});

test('missed onsets lose it, and later ones win it back', () => {
  const trust = new PacketTrust();
  observe(trust, { quiet: 20, told: 5, missed: 2 });
  expect(trust.isTrusted).toBe(false);
  observe(trust, { told: 40 });
  expect(trust.isTrusted).toBe(true);
});

test('false alarms lose it', () => {
  const trust = new PacketTrust();
  observe(trust, { told: 5, quiet: 10, alarms: 4 });
  expect(trust.isTrusted).toBe(false);
});

test('one false alarm is no rule yet, two of eight are', () => {
  const trust = new PacketTrust();
  observe(trust, { told: 3, quiet: 3, alarms: 1 });
  expect(trust.isTrusted).toBe(true);
  observe(trust, { quiet: 3, alarms: 1 });
  expect(trust.isTrusted).toBe(false);
});

test('day and night are judged apart', () => {
  const trust = new PacketTrust();
  trust.light(120);
  observe(trust, { told: 5, quiet: 10 });
  trust.light(20);
  expect(trust.isTrusted).toBe(false);
  expect(trust.describe()).toContain('by night');
  trust.light(55);
  expect(trust.describe()).toContain('by night');
  trust.light(90);
  expect(trust.isTrusted).toBe(true);
});
