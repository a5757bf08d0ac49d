import { describe, expect, it } from 'vitest';
import { ConcurrencyLimit } from '../../src/inference/concurrency-limit.ts';

/** Keeps the limit busy for `requests` requests at a server with `workers` that take `serviceMs` each. Returns the end. */
function load(limit: ConcurrencyLimit, server: { workers: number; serviceMs: number }, requests: number, from = 0) {
  const free = Array.from({ length: server.workers }, () => from);
  let underWay: Array<{ sentAt: number; doneAt: number }> = [];
  let now = from;
  let most = 0;
  for (let done = 0; done < requests; ) {
    while (underWay.length < limit.value) {
      const worker = free.indexOf(Math.min(...free));
      const doneAt = Math.max(now, free[worker]!) + server.serviceMs;
      free[worker] = doneAt;
      underWay.push({ sentAt: now, doneAt });
    }
    most = Math.max(most, underWay.length);
    const next = underWay.reduce((a, b) => (b.doneAt < a.doneAt ? b : a));
    now = next.doneAt;
    limit.answered(next.sentAt, now, underWay.length);
    underWay = underWay.filter((request) => request !== next);
    done += 1;
  }
  return { now, most };
}

describe('the limit', () => {
  it('begins with one', () => {
    expect(new ConcurrencyLimit(64).value).toBe(1);
  });

  it.each([1, 2, 4, 8, 16])('finds the %i workers of a server, with about one request waiting', (workers) => {
    const limit = new ConcurrencyLimit(64);
    load(limit, { workers, serviceMs: 100 }, 800);
    expect(limit.value).toBeGreaterThanOrEqual(workers);
    expect(limit.value).toBeLessThanOrEqual(workers + 2);
  });

  it('is there within some twenty answers', () => {
    const limit = new ConcurrencyLimit(64);
    load(limit, { workers: 8, serviceMs: 100 }, 24);
    expect(limit.value).toBeGreaterThanOrEqual(8);
  });

  it('is never above what the config allows', () => {
    const limit = new ConcurrencyLimit(3);
    expect(load(limit, { workers: 50, serviceMs: 10 }, 500).most).toBe(3);
  });

  it('does not go up while it is not reached', () => {
    const limit = new ConcurrencyLimit(64);
    for (let at = 0; at < 100; at += 1) limit.answered(at * 1000, at * 1000 + 50, 1);
    const { value } = limit;
    expect(value).toBeLessThanOrEqual(2);
  });

  it('is halved by failures, once for all that were sent together', () => {
    const limit = new ConcurrencyLimit(64);
    const { now } = load(limit, { workers: 16, serviceMs: 100 }, 400);
    const before = limit.value;
    for (let count = 0; count < before; count += 1) limit.failed(now - 500, now);
    expect(limit.value).toBe(Math.floor(before / 2));
  });

  it('goes down when the server loses workers', () => {
    const limit = new ConcurrencyLimit(64);
    const { now } = load(limit, { workers: 8, serviceMs: 100 }, 400);
    load(limit, { workers: 2, serviceMs: 100 }, 400, now);
    expect(limit.value).toBeLessThanOrEqual(4);
  });

  it('learns what a server that became ten times slower takes, in some minutes', () => {
    const limit = new ConcurrencyLimit(64);
    const { now } = load(limit, { workers: 8, serviceMs: 100 }, 400);
    load(limit, { workers: 8, serviceMs: 1000 }, 2000, now);
    expect(limit.value).toBeGreaterThanOrEqual(7);
    expect(limit.value).toBeLessThanOrEqual(10);
  });

  it('begins anew after an outage', () => {
    const limit = new ConcurrencyLimit(64);
    const { now } = load(limit, { workers: 8, serviceMs: 100 }, 400);
    limit.reset(now);
    expect(limit.value).toBe(1);
  });
});
