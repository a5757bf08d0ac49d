import { UNKNOWN_REASONS, type UnknownReason } from './verdict.ts';

/** Where the triggered frames of a camera are: `triggered = answered + unknown + inFlight`, at any moment. */
export interface LedgerSnapshot {
  readonly triggered: number;
  readonly answered: number;
  /** The sum of `byReason`. */
  readonly unknown: number;
  readonly byReason: Readonly<Record<UnknownReason, number>>;
  /** Triggered and not settled yet: waiting, or with the model. */
  readonly inFlight: number;
}

/** Settles one triggered frame. Only the first call counts, so that a frame is either answered or unknown. */
export interface Settlement {
  answered(): void;
  unknown(reason: UnknownReason): void;
}

/** The account of one camera's triggered frames. */
export class Ledger {
  #answered = 0;
  #inFlight = 0;
  readonly #byReason = new Map<UnknownReason, number>(UNKNOWN_REASONS.map((reason) => [reason, 0]));

  /** Books a frame; whoever holds the settlement settles it in the end. */
  triggered(): Settlement {
    this.#inFlight += 1;
    let isSettled = false;
    const settle = () => {
      if (isSettled) return false;
      isSettled = true;
      this.#inFlight -= 1;
      return true;
    };
    return {
      answered: () => {
        if (settle()) this.#answered += 1;
      },
      unknown: (reason) => {
        if (settle()) this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
      },
    };
  }

  snapshot(): LedgerSnapshot {
    const answered = this.#answered;
    const inFlight = this.#inFlight;
    const byReason = Object.fromEntries(this.#byReason) as Record<UnknownReason, number>;
    const unknown = Object.values(byReason).reduce((sum, count) => sum + count, 0);
    return { triggered: answered + unknown + inFlight, answered, unknown, byReason, inFlight };
  }
}
