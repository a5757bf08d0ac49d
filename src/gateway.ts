/**
 * The running gateway: which parts a config asks for, and what they share.
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type CameraPartOptions,
  leaveCamera,
  type Media,
  openMedia,
  reachable,
  statsOf,
  tellSwitches,
  watchCamera,
} from './camera-part.ts';
import type { CameraStats } from './camera-stats.ts';
import type { CameraTriggers } from './camera-triggers.ts';
import type { CameraConfig, Config } from './config/schema.ts';
import { gatewayTopics, type Topics } from './events/topics.ts';
import type { GatewayControl, Opening } from './gateway-control.ts';
import type { GatewayStatus } from './gateway-status.ts';
import { CurrentInference } from './inference/current-inference.ts';
import { openInferenceClient } from './inference/http-client.ts';
import { displayUrl } from './inference/http-target.ts';
import { Learner } from './learning/learner.ts';
import { learningParts } from './learning-part.ts';
import { dataDir } from './lib/data-dir.ts';
import { describeError } from './lib/errors.ts';
import { supervise } from './lib/supervise.ts';
import { packageVersion } from './lib/version.ts';
import { Inbox } from './mqtt/inbox.ts';
import type { MqttPublisher } from './mqtt/publisher.ts';
import { StateStore } from './mqtt/state.ts';
import { mqttPart } from './mqtt-part.ts';
import { MemoryOutbox } from './outbox/memory-outbox.ts';
import { type Changes, type Part, Parts } from './parts.ts';
import { quietSupervision } from './quiet-supervision.ts';
import { Switches, type SwitchSnapshot } from './switches.ts';
import type { Logger } from './telemetry/logger.ts';
import { createProcessTree } from './telemetry/process-tree.ts';
import { serveHttp } from './web/server.ts';

export class Gateway implements AsyncDisposable, GatewayControl {
  readonly #logger: Logger;
  readonly #startedAt = Date.now();
  readonly #version = packageVersion();
  readonly #resources = createProcessTree();
  readonly #state = new StateStore();
  readonly #stats = new Map<string, CameraStats>();
  readonly #outbox: MemoryOutbox;
  readonly #inference: CurrentInference;
  readonly #learner = new Learner();
  readonly #parts: Parts;
  readonly #inbox: Inbox;
  readonly #switches: Switches;
  /** Of the cameras that are watched. */
  readonly #triggers = new Map<string, CameraTriggers>();
  /** Configs and switches are applied one after the other. */
  #applying: Promise<unknown>;
  #isStopping = false;
  #publisher: MqttPublisher | undefined;
  #media: Media;
  #config: Config;

  /** @param onCrash told when a part fails in a way that nobody foresaw; the program should end then. */
  constructor(config: Config, logger: Logger, onCrash: (error: unknown) => void) {
    this.#config = config;
    this.#logger = logger;
    this.#outbox = new MemoryOutbox({
      ...config.outbox,
      onDiscard: ({ camera, topic }, reason) => logger.error({ camera, topic, reason }, 'message discarded'),
    });
    this.#media = openMedia(config.ffmpeg.path);
    this.#inbox = new Inbox(logger.child({ part: 'mqtt' }));
    this.#switches = new Switches(join(dataDir(config.dataDir), `switches-${config.gateway.id}.json`), logger);
    this.#applying = this.#switches.load();
    this.#inference = new CurrentInference(config.inference, openInferenceClient);
    this.#parts = new Parts((key, error) => {
      logger.error(
        { part: key, reason: describeError(error), stack: error instanceof Error ? error.stack : undefined },
        'part crashed',
      );
      onCrash(error);
    });
  }

  /** Makes the gateway run as `config` says; what did not change is not touched. */
  apply(config: Config): Promise<Changes> {
    return this.#inTurn(() => this.#apply(config));
  }

  #inTurn(act: () => Promise<Changes>): Promise<Changes> {
    const nothing: Changes = { started: [], restarted: [], stopped: [] };
    const applied = this.#applying.then(() => (this.#isStopping ? nothing : act()));
    this.#applying = applied.catch(() => undefined);
    return applied;
  }

  async #apply(config: Config): Promise<Changes> {
    this.#config = config;
    this.#switches.use(config.cameras);
    const topics = gatewayTopics(config.mqtt.prefix, config.gateway.id);
    const modelChanged = await this.#inference.use(config.inference);
    if (modelChanged)
      this.#logger.info({ url: displayUrl(config.inference.url), model: config.inference.model }, 'inference changed');
    const media = this.#media;
    if (config.ffmpeg.path !== media.path) this.#media = openMedia(config.ffmpeg.path);
    const changes = await this.#parts.reconcile([
      this.#mqttPart(config, topics),
      this.#httpPart(config),
      ...learningParts(config, this.#learner, this.#logger),
      ...Object.entries(config.cameras).map(([id, camera]) => this.#cameraPart(id, camera, config, topics)),
    ]);
    if (this.#media !== media) await media.pool[Symbol.asyncDispose]();
    return changes;
  }

  status(): GatewayStatus {
    const { gateway, inference } = this.#config;
    return {
      version: this.#version,
      gateway: gateway.id,
      startedAt: new Date(this.#startedAt).toISOString(),
      uptimeSeconds: Math.round((Date.now() - this.#startedAt) / 1000),
      mqtt: { connected: this.#publisher?.stats().connected ?? false },
      inference: {
        url: displayUrl(inference.url),
        model: inference.model,
        targets: this.#inference.active.client.targets(inference.model),
      },
      learning: this.#config.learning && this.#learner.snapshot(),
      outbox: this.#outbox.stats(),
      decoders: this.#media.pool.snapshot(),
      resources: this.#resources(),
      cameras: Object.fromEntries([...this.#stats].map(([id, stats]) => [id, stats.snapshot()])),
    };
  }

  trigger(camera: string, cause: 'mqtt' | 'api', durationMs?: number): Opening {
    const length = this.#triggersOf(camera).open(cause, durationMs);
    this.#logger.info({ camera, cause, durationMs: length }, 'gate opened from outside');
    return { camera, durationMs: length, until: new Date(Date.now() + length).toISOString() };
  }

  endTrigger(camera: string, cause: 'mqtt' | 'api'): void {
    this.#triggersOf(camera).close(cause);
  }

  async setSwitch(camera: string, key: string, value: string): Promise<SwitchSnapshot> {
    const before = this.#switches.of(camera);
    const after = await this.#switches.set(camera, key, value);
    if (!isDeepStrictEqual(before, after)) this.#logger.info({ camera, switch: key, value }, 'switched');
    // Starts or stops the camera, and tells what it is switched to.
    await this.#inTurn(() => this.#apply(this.#config));
    return after;
  }

  #triggersOf(camera: string): CameraTriggers {
    const { detect } = this.#switches.of(camera);
    return reachable(camera, detect, this.#stats, this.#triggers);
  }

  /** Stops the cameras, lets the broker have what they still said, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await this.#applying;
    await this.#parts[Symbol.asyncDispose]();
    await this.#media.pool[Symbol.asyncDispose]();
    await this.#inference[Symbol.asyncDispose]();
    await this.#outbox[Symbol.asyncDispose]();
  }

  #mqttPart(config: Config, topics: Topics): Part {
    return mqttPart(config, topics, {
      ...{ outbox: this.#outbox, state: this.#state, inbox: this.#inbox },
      control: this,
      logger: this.#logger,
      onPublisher: (publisher) => {
        this.#publisher = publisher;
      },
    });
  }

  #httpPart({ http }: Config): Part {
    const logger = this.#logger.child({ part: 'http' });
    const onListening = (url: string) => logger.info({ url }, 'status and metrics are served');
    return {
      key: 'http',
      stage: 'sink',
      settings: http,
      run: (signal) =>
        supervise(
          (ended) => serveHttp(http, this, onListening, ended),
          signal,
          quietSupervision(logger, 'status and metrics are not served'),
        ),
    };
  }

  #cameraPart(id: string, camera: CameraConfig, { ffmpeg }: Config, topics: Topics): Part {
    const cameraTopics = topics.camera(id);
    const switches = () => this.#switches.of(id);
    const { enabled } = switches();
    tellSwitches(cameraTopics, switches(), this.#state);
    return {
      key: `camera:${id}`,
      stage: 'source',
      settings: enabled ? { camera, ffmpeg, cameraTopics: cameraTopics.events } : { cameraTopics: cameraTopics.events },
      run: (signal) => {
        const options: CameraPartOptions = {
          ...{ id, camera, switches, topics: cameraTopics, ownTopics: `${topics.root}/` },
          ...{ media: this.#media, inference: this.#inference, learner: this.#learner },
          ...{ state: this.#state, outbox: this.#outbox, inbox: this.#inbox },
          stats: statsOf(this.#stats, id, switches),
          logger: this.#logger.child({ camera: id }),
          onTriggers: (triggers) => {
            if (triggers) this.#triggers.set(id, triggers);
            else this.#triggers.delete(id);
          },
        };
        return enabled ? watchCamera(options, signal) : leaveCamera(options, signal);
      },
      onRemoved: () => {
        this.#stats.delete(id);
        for (const topic of cameraTopics.retained()) this.#state.delete(topic);
      },
    };
  }
}
