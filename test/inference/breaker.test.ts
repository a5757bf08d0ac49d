import { describe, expect, it } from 'vitest';
import { Breaker } from '../../src/inference/breaker.ts';
import type { Failure } from '../../src/inference/failure.ts';

const fault: Failure = { reason: 'unavailable', message: 'broken' };
const refusal: Failure = { reason: 'unauthorized', message: 'wrong key' };
const SECOND = 1000;
const HOUR = 3_600_000;

const timeout: Failure = { reason: 'timeout', message: 'no answer' };

/** Opened by six failures in three seconds from 0 on. */
function opened(): Breaker {
  const breaker = new Breaker(5000);
  for (let count = 0; count < 6; count += 1) breaker.failed(count * 600, fault);
  expect(breaker.state(3 * SECOND)).toBe('open');
  return breaker;
}

describe('a breaker', () => {
  it('opens after six failures, if most of what was asked lately failed', () => {
    const breaker = new Breaker(5000);
    for (let at = 0; at < 5; at += 1) breaker.failed(at * SECOND, fault);
    expect(breaker.state(4 * SECOND)).toBe('closed');
    breaker.failed(5 * SECOND, fault);
    expect(breaker.state(5 * SECOND)).toBe('open');
    expect(breaker.failure?.message).toBe('broken');
  });

  it('opens at the second timeout, however many answers there were before', () => {
    const breaker = new Breaker(5000);
    for (let at = 0; at < 1000; at += 10) breaker.passed(at);
    breaker.failed(3 * SECOND, timeout);
    expect(breaker.state(3 * SECOND)).toBe('closed');
    breaker.failed(5 * SECOND, timeout);
    expect(breaker.state(5 * SECOND)).toBe('open');
  });

  it('stays closed while there are answers between the timeouts', () => {
    const breaker = new Breaker(5000);
    for (let at = 0; at < 100; at += 1) {
      breaker.failed(at * SECOND, timeout);
      breaker.passed(at * SECOND + 1);
    }
    expect(breaker.state(100 * SECOND)).toBe('closed');
  });

  it.each([5, 50, 500])('stays closed while half of the requests are answered, one every %i ms', (every) => {
    const breaker = new Breaker(5000);
    for (let count = 0; count < 1000; count += 1) {
      if (count % 4 < 2) breaker.passed(count * every);
      else breaker.failed(count * every, fault);
      expect(breaker.state(count * every)).toBe('closed');
    }
  });

  it('forgets what is older than its window, however few requests there were since', () => {
    const breaker = new Breaker(5000);
    for (let at = 0; at < 5; at += 1) breaker.failed(at * SECOND, fault);
    breaker.failed(6 * HOUR, fault);
    expect(breaker.state(6 * HOUR)).toBe('closed');
  });

  it('remembers for six deadlines, because a target that hangs fails only once in each', () => {
    const breaker = new Breaker(60 * SECOND);
    for (let at = 0; at < 2; at += 1) breaker.failed(at * 60 * SECOND, timeout);
    expect(breaker.state(60 * SECOND)).toBe('open');
  });

  it('lets nothing through until the health route was asked, and then one frame', () => {
    const breaker = opened();
    expect(breaker.admit(20 * SECOND)).toBe(false);
    expect(breaker.healthDueAt).toBeLessThanOrEqual(4 * SECOND);
    breaker.healthy();
    expect(breaker.state(20 * SECOND)).toBe('half_open');
    expect([breaker.admit(20 * SECOND), breaker.admit(20 * SECOND)]).toEqual([true, false]);
    breaker.passed(21 * SECOND);
    expect([breaker.state(21 * SECOND), breaker.admit(21 * SECOND), breaker.admit(21 * SECOND)]).toEqual([
      'closed',
      true,
      true,
    ]);
  });

  it('waits longer each time, up to eight seconds', () => {
    const breaker = opened();
    let now = 4 * SECOND;
    for (let count = 0; count < 10; count += 1) {
      breaker.unhealthy(now);
      const wait = (breaker.healthDueAt ?? Number.NaN) - now;
      expect(wait).toBeLessThanOrEqual(8 * SECOND);
      if (count > 3) expect(wait).toBeGreaterThanOrEqual(4 * SECOND);
      now += 8 * SECOND;
    }
  });

  it('opens again when the trial fails, and lets another one try when its answer was not waited for', () => {
    const breaker = opened();
    breaker.healthy();
    expect(breaker.admit(20 * SECOND)).toBe(true);
    breaker.failed(21 * SECOND, fault);
    expect(breaker.state(21 * SECOND)).toBe('open');
    breaker.healthy();
    expect(breaker.admit(60 * SECOND)).toBe(true);
    breaker.cancelled();
    expect(breaker.admit(60 * SECOND)).toBe(true);
  });

  it('does not wait longer because of what was still under way when it opened', () => {
    const breaker = opened();
    const due = breaker.healthDueAt;
    breaker.failed(3 * SECOND, fault);
    expect(breaker.healthDueAt).toBe(due);
  });

  it('opens on the first refusal, since only a person can mend that, and tries again after a quarter of a minute', () => {
    const breaker = new Breaker(5000);
    breaker.failed(0, refusal);
    expect([breaker.admit(5 * SECOND), breaker.healthDueAt]).toEqual([false, undefined]);
    expect([breaker.admit(15 * SECOND), breaker.admit(15 * SECOND)]).toEqual([true, false]);
    breaker.failed(16 * SECOND, refusal);
    expect(breaker.admit(30 * SECOND)).toBe(false);
    expect(breaker.admit(46 * SECOND)).toBe(true);
  });

  it('keeps a pause that the server asked for to the millisecond', () => {
    const breaker = new Breaker(5000);
    breaker.failed(0, { reason: 'overloaded', message: 'busy', retryAfterMs: 7000, isPause: true });
    expect([breaker.admit(6999), breaker.admit(7000)]).toEqual([false, true]);
  });

  it('does not blame the server for pictures it refuses', () => {
    const breaker = new Breaker(5000);
    for (let at = 0; at < 20; at += 1) breaker.failed(at, { reason: 'rejected', message: 'no JPEG' });
    expect(breaker.state(20)).toBe('closed');
  });
});
