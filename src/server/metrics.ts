import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { StandardFigures } from './standard-figures.ts';

/** Why a request that reached the queue was not worked on. */
export type DropReason = 'queue_full' | 'waited_too_long' | 'deadline' | 'client_gone' | 'worker_down';

export type ServeMetrics = ReturnType<typeof createMetrics>;

/** The figures of one server; each has a registry of its own, so that several fit into one process. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    /** By the names of the standard API, beside the registry. */
    standard: new StandardFigures(),
    requests: new Counter({
      name: 'framegate_serve_requests_total',
      help: 'HTTP requests answered, by route and status code.',
      labelNames: ['route', 'code'],
      registers,
    }),
    inference: new Histogram({
      name: 'framegate_serve_inference_duration_seconds',
      help: 'From the encoded picture to the detections, without the wait in the queue.',
      labelNames: ['model'],
      // A nano model on a desktop takes 20 ms, a small one on a Raspberry Pi seconds.
      buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    }),
    batch: new Histogram({
      name: 'framegate_serve_batch_size',
      help: 'Pictures that were run together.',
      buckets: [1, 2, 4, 8, 16, 32, 64],
      registers,
    }),
    inferenceErrors: new Counter({
      name: 'framegate_serve_inference_errors_total',
      help: 'Pictures that a model was asked about in vain, those that were dropped included.',
      labelNames: ['model'],
      registers,
    }),
    dropped: new Counter({
      name: 'framegate_serve_dropped_total',
      help: 'Pictures that were refused or given up before a model saw them.',
      labelNames: ['reason'],
      registers,
    }),
    queueLength: new Gauge({
      name: 'framegate_serve_queue_length',
      help: 'Pictures that wait for a worker, or for their model to load.',
      registers,
    }),
    modelsReady: new Gauge({ name: 'framegate_serve_models_ready', help: 'Models that can answer.', registers }),
    modelsFailed: new Gauge({
      name: 'framegate_serve_models_failed',
      help: 'Models that should be served and cannot be loaded.',
      registers,
    }),
    workersUp: new Gauge({ name: 'framegate_serve_workers_up', help: 'Model workers that take work.', registers }),
    evictions: new Counter({
      name: 'framegate_serve_models_evicted_total',
      help: 'Models that were unloaded to make room for others.',
      registers,
    }),
    workerFailures: new Counter({
      name: 'framegate_serve_worker_failures_total',
      help: 'Times a model worker or a runner died or hung and was started again.',
      registers,
    }),
    workerMemory: new Gauge({
      name: 'framegate_serve_worker_memory_bytes',
      help: 'Resident set of the model workers at their last answers.',
      registers,
    }),
  };
}
