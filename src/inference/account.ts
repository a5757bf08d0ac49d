/**
 * What asking costs, per target. `requests = answered + failed + cancelled + inFlight` at any moment, whatever is retried, hedged or asked elsewhere.
 * This counts requests; the ledger counts frames.
 */
import type { Price } from './config.ts';

export interface TargetCost {
  /** Requests that carried a picture. */
  readonly requests: number;
  readonly answered: number;
  readonly failed: number;
  /** Not waited for to the end: the deadline passed, another target was faster, or the camera stopped. */
  readonly cancelled: number;
  readonly inFlight: number;
  /** Of their bodies. */
  readonly bytes: number;
  /** Waited for answers, all requests together. */
  readonly ms: number;
  /** By the configured price, for all that may have been computed: answered, or cancelled when the request was out. */
  readonly money?: { readonly amount: number; readonly currency: string };
}

export interface Payee {
  readonly name: string;
  readonly price?: Price | undefined;
}

/** One request's entry. */
export interface Expense {
  settle(how: 'answered' | 'failed' | 'cancelled', ms: number): void;
}

/** Where the requests for one camera are booked. */
export interface Account {
  request(payee: Payee, bytes: number): Expense;
}

interface Entry {
  requests: number;
  answered: number;
  failed: number;
  cancelled: number;
  inFlight: number;
  bytes: number;
  ms: number;
  amount: number;
  currency: string | undefined;
}

export class CostAccount implements Account {
  readonly #entries = new Map<string, Entry>();

  request({ name, price }: Payee, bytes: number): Expense {
    const entry = this.#entry(name);
    entry.requests += 1;
    entry.inFlight += 1;
    entry.bytes += bytes;
    if (price) entry.currency = price.currency;
    return {
      settle: (how, ms) => {
        entry.inFlight -= 1;
        entry[how] += 1;
        entry.ms += ms;
        if (price && how !== 'failed') entry.amount += price.per1000 / 1000;
      },
    };
  }

  snapshot(): Record<string, TargetCost> {
    return Object.fromEntries(
      [...this.#entries].map(([name, { amount, currency, ...figures }]) => [
        name,
        {
          ...figures,
          ms: Math.round(figures.ms),
          ...(currency !== undefined && { money: { amount: Number(amount.toFixed(6)), currency } }),
        },
      ]),
    );
  }

  #entry(name: string): Entry {
    const known = this.#entries.get(name);
    if (known) return known;
    const entry: Entry = {
      requests: 0,
      answered: 0,
      failed: 0,
      cancelled: 0,
      inFlight: 0,
      bytes: 0,
      ms: 0,
      amount: 0,
      currency: undefined,
    };
    this.#entries.set(name, entry);
    return entry;
  }
}
