/**
 * What may open the gate of one running camera from outside: its own motion, messages, requests and mere time.
 */
import type { CameraConfig } from './config/schema.ts';
import { aborted, sleep } from './lib/abort.ts';
import { describeError, isFramegateError } from './lib/errors.ts';
import { type Supervision, supervise } from './lib/supervise.ts';
import { type Task, together } from './lib/together.ts';
import type { Arrival } from './mqtt/connection.ts';
import type { Inbox } from './mqtt/inbox.ts';
import { type OnvifAddress, onvifAddress } from './onvif/address.ts';
import { type CameraMotion, createCameraMotion } from './onvif/camera-motion.ts';
import type { Notice } from './onvif/notice.ts';
import { watchEvents } from './onvif/watch-events.ts';
import type { Logger } from './telemetry/logger.ts';
import type { OutsideCause } from './trigger/cause.ts';
import type { MqttTriggerConfig } from './trigger/config.ts';
import { matchesPayload } from './trigger/mqtt-payload.ts';
import { OutsideGate } from './trigger/outside-gate.ts';

const TICK_MS = 500;
/** Cameras lock accounts after a few wrong passwords. */
const UNAUTHORIZED_DELAY_MS = 60_000;

export interface OnvifSnapshot {
  readonly state: 'connecting' | 'listening' | 'failed';
  /** Why it failed. */
  readonly problem: string | undefined;
  /** Subscriptions that were lost. */
  readonly reconnects: number;
  readonly motion: boolean;
  /** Topics of the motion. */
  readonly topics: readonly string[];
}

export interface CameraTriggersOptions {
  readonly config: CameraConfig;
  readonly inbox: Inbox;
  /** Topics of the gateway itself begin with this: its own messages open no gate. */
  readonly ownTopics: string;
  readonly logger: Logger;
  /** Frames shall be decoded until then, `performance.now()`. */
  readonly wake: (until: number) => void;
}

export class CameraTriggers {
  readonly gate: OutsideGate;
  readonly #options: CameraTriggersOptions;
  readonly #motion: CameraMotion;
  #onvif: Pick<OnvifSnapshot, 'state' | 'problem'> = { state: 'connecting', problem: undefined };
  #reconnects = 0;

  constructor(options: CameraTriggersOptions) {
    this.#options = options;
    this.gate = new OutsideGate(options.config.trigger);
    this.#motion = createCameraMotion(options.config.trigger.onvif);
  }

  /** Opens the gate for so long; gives the time in ms. */
  open(cause: OutsideCause, durationMs: number = this.#options.config.trigger.duration): number {
    const until = performance.now() + durationMs;
    this.gate.open(cause, until);
    this.#options.wake(until);
    return durationMs;
  }

  close(cause: OutsideCause): void {
    this.gate.close(cause);
  }

  /** The camera's own motion, undefined where it is not listened to. */
  onvif(): OnvifSnapshot | undefined {
    if (!this.#options.config.trigger.onvif.enabled) return undefined;
    return { ...this.#onvif, reconnects: this.#reconnects, motion: this.#motion.isOn, topics: this.#motion.topics };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { config } = this.#options;
    using _ = config.trigger.mqtt && this.#listen(config.trigger.mqtt);
    const parts: Task[] = config.trigger.onvif.enabled ? [this.#watchCamera, this.#tick] : [aborted];
    await together(signal, ...parts);
  }

  #listen({ topic, key, payload }: MqttTriggerConfig): Disposable {
    const { inbox, ownTopics } = this.#options;
    return inbox.on(topic, (arrival: Arrival) => {
      // What is retained is old news, and comes anew with each connection.
      if (arrival.isRetained || arrival.topic.startsWith(ownTopics)) return;
      if (matchesPayload(arrival.payload.toString('utf8'), { key, payload })) this.open('mqtt');
    });
  }

  readonly #watchCamera: Task = (signal) => {
    const { config, logger } = this.#options;
    const address: OnvifAddress = onvifAddress(config.trigger.onvif, config.url);
    const listener = {
      ready: () => {
        this.#onvif = { state: 'listening', problem: undefined };
        logger.info({ host: address.host, port: address.port }, 'listening to the events of the camera');
      },
      notice: (notice: Notice, at: number) => {
        this.#motion.push(notice, at);
        this.#apply();
      },
    };
    const supervision: Supervision = {
      backoff: { initialMs: 1000, maxMs: 60_000, healthyMs: 30_000 },
      delayFor: (error, computedMs) =>
        isFramegateError(error, 'ERR_ONVIF_UNAUTHORIZED') ? UNAUTHORIZED_DELAY_MS : computedMs,
      onFailure: (error, restartInMs, attempt) => {
        const problem = describeError(error);
        const isNews = problem !== this.#onvif.problem || (attempt & (attempt - 1)) === 0;
        if (this.#onvif.state === 'listening') this.#reconnects += 1;
        this.#onvif = { state: 'failed', problem };
        // When it listens again, the camera tells what still moves.
        this.#motion.clear();
        this.#apply();
        if (isNews) logger.warn({ reason: problem, attempt, restartInMs }, 'the events of the camera are not heard');
      },
    };
    return supervise((ended) => watchEvents(address, listener, ended), signal, supervision);
  };

  readonly #tick: Task = async (signal) => {
    while (!signal.aborted) {
      this.#motion.tick(performance.now());
      this.#apply();
      await sleep(TICK_MS, signal);
    }
  };

  /** The gate is as the camera's motion is. */
  #apply(): void {
    if (this.#motion.isOn) this.open('onvif', 2 * TICK_MS);
    else this.close('onvif');
  }
}
