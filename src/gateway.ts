/**
 * The running gateway: which parts a config asks for, and what they share.
 */
import { CameraStats, type DropReason } from './camera-stats.ts';
import type { CameraConfig, Config } from './config/schema.ts';
import { gatewayTopics, type Topics } from './events/topics.ts';
import { createFfmpegFinder, type FfmpegBuild } from './ffmpeg/build.ts';
import type { GatewayStatus } from './gateway-status.ts';
import { CurrentInference } from './inference/current-inference.ts';
import { openInferenceClient } from './inference/http-client.ts';
import { sleep } from './lib/abort.ts';
import { describeError } from './lib/errors.ts';
import { redactUrls } from './lib/redact.ts';
import { type Supervision, supervise } from './lib/supervise.ts';
import { together } from './lib/together.ts';
import { packageVersion } from './lib/version.ts';
import { MqttPublisher } from './mqtt/publisher.ts';
import { StateStore } from './mqtt/state.ts';
import { MemoryOutbox } from './outbox/memory-outbox.ts';
import { type Changes, type Part, Parts } from './parts.ts';
import { createPipeline } from './pipeline.ts';
import { Reporter } from './reporter.ts';
import { DecoderPool } from './source/decode/decoder-pool.ts';
import { createRtspSource } from './source/rtsp-source.ts';
import type { Logger } from './telemetry/logger.ts';
import { serveHttp } from './web/server.ts';

/** What all cameras decode with. */
interface Media {
  readonly path: string | undefined;
  readonly findFfmpeg: () => Promise<FfmpegBuild>;
  readonly pool: DecoderPool;
}

function openMedia(path: string | undefined): Media {
  const findFfmpeg = createFfmpegFinder(path);
  return { path, findFfmpeg, pool: new DecoderPool(findFfmpeg) };
}

export class Gateway implements AsyncDisposable {
  readonly #logger: Logger;
  readonly #startedAt = Date.now();
  readonly #version = packageVersion();
  readonly #state = new StateStore();
  readonly #stats = new Map<string, CameraStats>();
  readonly #outbox: MemoryOutbox;
  readonly #inference: CurrentInference;
  readonly #parts: Parts;
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
  async apply(config: Config): Promise<Changes> {
    this.#config = config;
    const topics = gatewayTopics(config.mqtt.prefix, config.gateway.id);
    const modelChanged = await this.#inference.use(config.inference);
    if (modelChanged)
      this.#logger.info({ url: config.inference.url, model: config.inference.model }, 'inference changed');
    const media = this.#media;
    if (config.ffmpeg.path !== media.path) this.#media = openMedia(config.ffmpeg.path);
    const cameras = Object.entries(config.cameras).filter(([, camera]) => camera.enabled);
    const changes = await this.#parts.reconcile([
      this.#mqttPart(config, topics),
      this.#httpPart(config),
      ...cameras.map(([id, camera]) => this.#cameraPart(id, camera, config, topics)),
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
      inference: { url: redactUrls(inference.url), model: inference.model },
      outbox: this.#outbox.stats(),
      decoders: this.#media.pool.snapshot(),
      cameras: Object.fromEntries([...this.#stats].map(([id, stats]) => [id, stats.snapshot()])),
    };
  }

  /** Stops the cameras, lets the broker have what they still said, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
    await this.#media.pool[Symbol.asyncDispose]();
    await this.#inference[Symbol.asyncDispose]();
    await this.#outbox[Symbol.asyncDispose]();
  }

  #mqttPart({ mqtt, gateway }: Config, topics: Topics): Part {
    const logger = this.#logger.child({ part: 'mqtt' });
    const publishStats = async (signal: AbortSignal) => {
      for (;;) {
        const status = { schema: 1, time: new Date().toISOString(), ...this.status() };
        this.#state.set(topics.stats, JSON.stringify(status));
        // Once more after the end: the cameras stopped before, so these are the final figures.
        if (signal.aborted) return;
        await sleep(mqtt.statsInterval, signal);
      }
    };
    return {
      key: 'mqtt',
      stage: 'sink',
      settings: { mqtt, gateway },
      run: async (signal) => {
        const clientId = mqtt.clientId ?? `framegate-${gateway.id}`;
        const publisher = new MqttPublisher({
          config: mqtt,
          clientId,
          statusTopic: topics.status,
          outbox: this.#outbox,
          state: this.#state,
          logger,
        });
        this.#publisher = publisher;
        const session = (ended: AbortSignal) => publisher.run(ended);
        await together(
          signal,
          (ended) => supervise(session, ended, this.#supervision(logger, 'no connection to the broker')),
          publishStats,
        );
      },
    };
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
          (ended) => serveHttp(http, () => this.status(), onListening, ended),
          signal,
          this.#supervision(logger, 'status and metrics are not served'),
        ),
    };
  }

  #cameraPart(id: string, camera: CameraConfig, { ffmpeg }: Config, topics: Topics): Part {
    const { url, transport, decode } = camera;
    const cameraTopics = topics.camera(id);
    return {
      key: `camera:${id}`,
      stage: 'source',
      settings: { camera, ffmpeg, cameraTopics: cameraTopics.events },
      run: (signal) => {
        const stats = this.#stats.get(id) ?? new CameraStats();
        this.#stats.set(id, stats);
        const logger = this.#logger.child({ camera: id });
        const reporter = new Reporter({
          camera: { id, topics: cameraTopics },
          state: this.#state,
          outbox: this.#outbox,
          stats,
          logger,
        });
        const observer = {
          received: (bytes: number) => stats.received(bytes),
          dropped: (reason: DropReason) => stats.dropped(reason),
          decoderReplaced: (reason: string) => logger.warn({ reason }, 'decoder replaced'),
        };
        const source = createRtspSource({ ...this.#media, url, transport, decode, observer });
        stats.decoding = () => source.decoding();
        return createPipeline(camera, { source, inference: this.#inference, reporter, stats })(signal);
      },
      onRemoved: () => {
        this.#stats.delete(id);
        for (const topic of cameraTopics.retained()) this.#state.delete(topic);
      },
    };
  }

  #supervision(logger: Logger, message: string): Supervision {
    return {
      backoff: { initialMs: 1000, maxMs: 30_000, healthyMs: 10_000 },
      onFailure: (error, restartInMs, attempt) => {
        // Powers of two, so that an outage of a day does not fill the log.
        if ((attempt & (attempt - 1)) === 0)
          logger.warn({ reason: describeError(error), attempt, restartInMs }, message);
      },
    };
  }
}
