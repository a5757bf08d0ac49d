import type { OnvifSnapshot } from './camera-triggers.ts';
import { type Account, CostAccount, type TargetCost } from './inference/account.ts';
import { Ledger, type LedgerSnapshot } from './inference/ledger.ts';
import { Rate } from './lib/rate.ts';
import type { Restlessness } from './motion/restless.ts';
import type { PictureStreamSnapshot } from './source/picture-stream.ts';
import type { SourceObserver } from './source/rtsp-source.ts';
import type { SourceSnapshot } from './source/source.ts';
import type { SwitchSnapshot } from './switches.ts';
import { Agreement, type AgreementSnapshot } from './trigger/agreement.ts';
import type { OutsideCause, TriggerCause } from './trigger/cause.ts';

/**
 * - `connecting`: not seen since the start;
 * - `online`: frames come;
 * - `offline`: was seen or tried, and is being tried again;
 * - `disabled`: not watched, because the config or a switch says so.
 */
export type CameraState = 'connecting' | 'online' | 'offline' | 'disabled';

export type DropReason = Parameters<SourceObserver['dropped']>[0];
type EventType = 'new' | 'update' | 'end';

export interface TriggerSnapshot {
  /** Frames that the model should answer, by why. */
  readonly frames: Readonly<Record<TriggerCause, number>>;
  /** What holds the gate open from outside, the latest first. */
  readonly openedBy: readonly OutsideCause[];
  /** The camera's own motion; undefined where it is not listened to. */
  readonly onvif: OnvifSnapshot | undefined;
  /** How often the camera's motion and ours agree. */
  readonly agreement: AgreementSnapshot | undefined;
  /** It triggers without end and gets its fair share of the model only: what is to blame, and a mask to propose. */
  readonly restless: Restlessness | undefined;
}

export interface CameraSnapshot {
  readonly state: CameraState;
  /** Why it is offline. */
  readonly problem: string | undefined;
  /** Sessions that were lost since the start. */
  readonly reconnects: number;
  readonly gate: 'open' | 'closed';
  readonly trigger: TriggerSnapshot;
  readonly switches: SwitchSnapshot | undefined;
  readonly frames: {
    /** Pictures that the camera sent. */
    readonly received: number;
    readonly receivedBytes: number;
    /** Pictures a second that the camera sent lately. */
    readonly fps: number;
    /** Pictures that motion looked at. */
    readonly seen: number;
    /** Pictures that went to the model. */
    readonly sent: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
  };
  /** What became of the triggered frames. */
  readonly inference: LedgerSnapshot;
  /** What asking about them cost, by the name of the target. */
  readonly cost: Readonly<Record<string, TargetCost>>;
  readonly events: Readonly<Record<EventType, number>>;
  /** How the stream is received and decoded; undefined while there is none. */
  readonly decode: SourceSnapshot | undefined;
  /** The stream of the pictures, where it is another one. */
  readonly pictures: PictureStreamSnapshot | undefined;
}

/** The figures of one camera since the gateway started. */
export class CameraStats implements SourceObserver {
  readonly ledger = new Ledger();
  readonly #cost = new CostAccount();
  state: CameraState = 'connecting';
  problem: string | undefined;
  reconnects = 0;
  gate: 'open' | 'closed' = 'closed';
  /** Set by whoever opened the source. */
  decoding: () => SourceSnapshot | undefined = () => undefined;
  pictures: () => PictureStreamSnapshot | undefined = () => undefined;
  #received = 0;
  readonly #rate = new Rate();
  #receivedBytes = 0;
  #seen = 0;
  #sent = 0;
  /** Likewise. */
  switches: () => SwitchSnapshot | undefined = () => undefined;
  triggers: () => { readonly openedBy: readonly OutsideCause[]; readonly onvif: OnvifSnapshot | undefined } = () => ({
    openedBy: [],
    onvif: undefined,
  });
  restless: Restlessness | undefined;
  readonly agreement = new Agreement();
  readonly #causes: Record<TriggerCause, number> = { motion: 0, onvif: 0, mqtt: 0, api: 0, interval: 0 };
  readonly #dropped: Record<DropReason, number> = { damaged: 0, reader_busy: 0, decoder_busy: 0, motion_busy: 0 };
  readonly #events: Record<EventType, number> = { new: 0, update: 0, end: 0 };

  received(bytes: number): void {
    this.#received += 1;
    this.#rate.count(performance.now());
    this.#receivedBytes += bytes;
  }

  dropped(reason: DropReason): void {
    this.#dropped[reason] += 1;
  }

  seen(): void {
    this.#seen += 1;
  }

  triggered(cause: TriggerCause): void {
    this.#causes[cause] += 1;
  }

  /** Where the requests about one frame are booked; it counts as sent with the first of them. */
  sending(): Account {
    let isSent = false;
    return {
      request: (payee, bytes) => {
        if (!isSent) this.#sent += 1;
        isSent = true;
        return this.#cost.request(payee, bytes);
      },
    };
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
      trigger: this.#trigger(),
      switches: this.switches(),
      frames: {
        received: this.#received,
        receivedBytes: this.#receivedBytes,
        fps: this.#rate.perSecond(performance.now()),
        seen: this.#seen,
        sent: this.#sent,
        dropped: { ...this.#dropped },
      },
      inference: this.ledger.snapshot(),
      cost: this.#cost.snapshot(),
      events: { ...this.#events },
      decode: this.decoding(),
      pictures: this.pictures(),
    };
  }

  #trigger(): TriggerSnapshot {
    const { openedBy, onvif } = this.triggers();
    const agreement = onvif && this.agreement.snapshot();
    return { frames: { ...this.#causes }, openedBy, onvif, agreement, restless: this.restless };
  }
}
