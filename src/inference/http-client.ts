/**
 * Asks the model. Knows the wire, deadlines and retries; knows nothing of cameras, queues or how many requests are under way.
 */
import { FormData } from 'undici';
import { LinkedAbort, sleep } from '../lib/abort.ts';
import type { Picture } from '../source/frame.ts';
import { readAnswer } from './answer.ts';
import type { InferenceClient, InferOptions } from './client.ts';
import type { InferenceConfig } from './config.ts';
import type { Detection } from './detection.ts';
import { errorFailure, type Failure, type HttpAnswer, statusFailure } from './failure.ts';
import { type HttpTarget, openHttpTarget } from './http-target.ts';
import { probeInference } from './probe.ts';
import { BASE64_CONTENT_TYPE, IMAGE_PART } from './protocol.ts';
import type { Verdict } from './verdict.ts';

/** Spread over which retries of several cameras are scattered, in ms. */
const RETRY_JITTER_MS = 200;
/** A retry with less time than this left for the answer would only be paid for. */
const MIN_ANSWER_MS = 50;

export function openInferenceClient(config: InferenceConfig): InferenceClient {
  const target = openHttpTarget(config);
  const infer = async (picture: Picture, options: InferOptions): Promise<Verdict> => {
    const startedAt = performance.now();
    const outcome = await ask(target, config, picture, options);
    const common = { model: options.model, latencyMs: performance.now() - startedAt };
    if ('detections' in outcome) return { verdict: 'ok', ...common, detections: outcome.detections };
    return { verdict: 'unknown', ...common, reason: outcome.reason, message: outcome.message };
  };
  return {
    infer,
    probe: (signal) => probeInference(target, config, infer, signal),
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
  };
}

type Outcome = Failure | { readonly detections: readonly Detection[] };

async function ask(
  target: HttpTarget,
  config: InferenceConfig,
  picture: Picture,
  { model, deadline, signal }: InferOptions,
): Promise<Outcome> {
  const remaining = () => deadline - performance.now();
  if (signal.aborted) return stopped;
  if (remaining() <= 0) return { reason: 'stale', message: 'the deadline passed before the frame was sent' };
  using link = new LinkedAbort(signal, remaining());
  const givenUp = (): Failure =>
    link.timedOut
      ? { reason: 'timeout', message: `${target.display} did not answer ${model} before the deadline` }
      : stopped;
  const attempt = async () => {
    const outcome = await send(target, config, picture, model, link.signal);
    return 'reason' in outcome && link.signal.aborted ? givenUp() : outcome;
  };

  const first = await attempt();
  if ('detections' in first || first.retryAfterMs === undefined) return first;
  // At most one: hosted answers are paid for one by one.
  const wait = first.retryAfterMs + Math.random() * RETRY_JITTER_MS;
  if (wait + MIN_ANSWER_MS > remaining()) return first;
  await sleep(wait, link.signal);
  return link.signal.aborted ? givenUp() : attempt();
}

const stopped: Failure = { reason: 'stopped', message: 'stopped before the model answered' };

/** One request, one outcome. */
async function send(
  target: HttpTarget,
  config: InferenceConfig,
  picture: Picture,
  model: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const path = `/${model.split('/').map(encodeURIComponent).join('/')}`;
  const who = `${target.display}${path}`;
  let answer: HttpAnswer;
  try {
    answer = await target.request({ method: 'POST', path, query: query(config), ...encode(config, picture) }, signal);
  } catch (error) {
    return errorFailure(who, error, target.clean);
  }
  if (answer.status < 200 || answer.status >= 300) return statusFailure(who, answer, target.clean);
  const reading = readAnswer(answer.text, config.confidence, target.clean);
  if ('detections' in reading) return reading;
  return { reason: 'bad_answer', message: `${who} sent ${reading.problem}` };
}

function query({ apiKey, confidence, overlap }: InferenceConfig): Record<string, string> {
  return {
    ...(apiKey !== undefined && { api_key: apiKey }),
    confidence: threshold(confidence),
    overlap: threshold(overlap),
    source: 'framegate',
  };
}

/** Servers take 1 and more as a percentage, so 1 itself has to be written as one. */
const threshold = (fraction: number) => String(fraction >= 1 ? 100 : fraction);

function encode({ encoding }: InferenceConfig, { jpeg }: Picture): { body: string | FormData; contentType?: string } {
  if (encoding === 'base64') return { body: jpeg.toString('base64'), contentType: BASE64_CONTENT_TYPE };
  const form = new FormData();
  form.append(IMAGE_PART, new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), 'frame.jpg');
  return { body: form };
}
