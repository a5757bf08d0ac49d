import { Ledger, type LedgerSnapshot } from './inference/ledger.ts';
import type { DecodeSnapshot } from './source/decode/camera-decode.ts';
import type { SourceObserver } from './source/rtsp-source.ts';

/**
 * - `connecting`: not seen since the start;
 * - `online`: frames come;
 * - `offline`: was seen or tried, and is being tried again.
 */
export type CameraState = 'connecting' | 'online' | 'offline';

export type DropReason = Parameters<SourceObserver['dropped']>[0];
type EventType = 'new' | 'update' | 'end';

export interface CameraSnapshot {
  readonly state: CameraState;
  /** Why it is offline. */
  readonly problem: string | undefined;
  /** Sessions that were lost since the start. */
  readonly reconnects: number;
  readonly gate: 'open' | 'closed';
  readonly frames: {
    /** Pictures that the camera sent. */
    readonly received: number;
    readonly receivedBytes: number;
    /** Pictures that motion looked at. */
    readonly seen: number;
    /** Pictures that went to the model. */
    readonly sent: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
  };
  /** What became of the triggered frames. */
  readonly inference: LedgerSnapshot;
  readonly events: Readonly<Record<EventType, number>>;
  /** How the stream is decoded; undefined while there is none. */
  readonly decode: DecodeSnapshot | undefined;
}

/** The figures of one camera since the gateway started. */
export class CameraStats implements SourceObserver {
  readonly ledger = new Ledger();
  state: CameraState = 'connecting';
  problem: string | undefined;
  reconnects = 0;
  gate: 'open' | 'closed' = 'closed';
  /** Set by whoever opened the source. */
  decoding: () => DecodeSnapshot | undefined = () => undefined;
  #received = 0;
  #receivedBytes = 0;
  #seen = 0;
  #sent = 0;
  readonly #dropped: Record<DropReason, number> = { damaged: 0, reader_busy: 0, decoder_busy: 0, motion_busy: 0 };
  readonly #events: Record<EventType, number> = { new: 0, update: 0, end: 0 };

  received(bytes: number): void {
    this.#received += 1;
    this.#receivedBytes += bytes;
  }

  dropped(reason: DropReason): void {
    this.#dropped[reason] += 1;
  }

  seen(): void {
    this.#seen += 1;
  }

  sent(): void {
    this.#sent += 1;
  }

  event(type: EventType): void {
    this.#events[type] += 1;
  }

  snapshot(): CameraSnapshot {
    return {
      state: this.state,
      problem: this.problem,
      reconnects: this.reconnects,
      gate: this.gate,
      frames: {
        received: this.#received,
        receivedBytes: this.#receivedBytes,
        seen: this.#seen,
        sent: this.#sent,
        dropped: { ...this.#dropped },
      },
      inference: this.ledger.snapshot(),
      events: { ...this.#events },
      decode: this.decoding(),
    };
  }
}
