/**
 * Asks the model, at the first target that can answer. Knows deadlines and the order of targets; knows nothing of cameras or queues.
 */
import { Semaphore } from '../lib/semaphore.ts';
import type { Outcome } from './adapters/adapter.ts';
import type { InferenceClient, InferOptions, Shown } from './client.ts';
import type { InferenceConfig } from './config.ts';
import type { Failure } from './failure.ts';
import { HedgeBudget, hedged } from './hedge.ts';
import { probeTarget } from './probe.ts';
import { stopped, Target } from './target.ts';

/** What of a frame's remaining time a target gets while there is another one to ask after it. */
const SHARE_OF_TIME = 0.5;

/** @param permits Of the cameras, one per request under way: set to what the target that is asked first takes at once. */
export function openInferenceClient(config: InferenceConfig, permits = new Semaphore(1)): InferenceClient {
  let isClosed = false;
  let asked = config.model;
  const steer = () => {
    if (!isClosed) permits.limit = limitOf(targets, asked);
  };
  const targets = config.targets.map((target) => new Target(target, config, steer));
  const hedges = new HedgeBudget();
  steer();
  return {
    async infer(picture, options) {
      const startedAt = performance.now();
      asked = options.model;
      const { target, outcome } = await ask(targets, config, hedges, picture, options);
      const model = target?.modelFor(options.model) ?? options.model;
      const common = { model, latencyMs: performance.now() - startedAt };
      if ('reason' in outcome)
        return { verdict: 'unknown', ...common, reason: outcome.reason, message: outcome.message };
      const { detections } = outcome;
      return { verdict: 'ok', ...common, ...(target && { target: target.config.name }), detections };
    },
    refusal(model) {
      const now = performance.now();
      if (targets.some((target) => target.breaker(model).wouldAdmit(now))) return undefined;
      return resting(targets, model);
    },
    targets: (model) => targets.map((target) => target.snapshot(model)),
    probe: (signal) =>
      Promise.all(
        targets.map(async (target) => ({
          target: target.config.name,
          ...(await probeTarget(target, config.model, signal)),
        })),
      ),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await Promise.all(targets.map((target) => target[Symbol.asyncDispose]()));
    },
  };
}

/** That of the target that frames go to; one while all are being tried again, so that nothing comes in a burst. */
function limitOf(targets: readonly Target[], model: string): number {
  const now = performance.now();
  return targets.find((target) => target.breaker(model).state(now) === 'closed')?.limit.value ?? 1;
}

/** What came of it, and the target that said so. */
interface Answer {
  readonly target?: Target;
  readonly outcome: Outcome;
}

async function ask(
  targets: readonly Target[],
  config: InferenceConfig,
  hedges: HedgeBudget,
  { jpeg }: Shown,
  { model, deadline, signal, account }: InferOptions,
): Promise<Answer> {
  const remaining = () => deadline - performance.now();
  if (signal.aborted) return { outcome: stopped };
  if (remaining() <= 0)
    return { outcome: { reason: 'stale', message: 'the deadline passed before the frame was sent' } };
  if (remaining() < neededMs(targets, config, model))
    return { outcome: { reason: 'stale', message: 'too little time was left for an answer' } };
  hedges.frame();
  const left = [...targets];
  const failures: Answer[] = [];

  /** The next target that lets the frame through. */
  const next = () => {
    for (let target = left.shift(); target; target = left.shift())
      if (target.breaker(model).admit(performance.now())) return target;
    return undefined;
  };
  const askTarget = (target: Target) => async (asking: AbortSignal) => {
    const now = performance.now();
    const isLast = !left.some((other) => other.breaker(model).wouldAdmit(now));
    const until = isLast ? deadline : now + remaining() * SHARE_OF_TIME;
    const outcome = await target.ask({ jpeg, model, deadline: until, account, signal: asking });
    return { target, outcome };
  };
  const askSecond = () => {
    const target = hedges.take() ? next() : undefined;
    return target && askTarget(target);
  };

  for (let target = next(); target; target = next()) {
    const first = askTarget(target);
    const answer =
      config.hedge === undefined || left.length === 0
        ? await first(signal)
        : await hedged(first, askSecond, ({ outcome }) => 'detections' in outcome, config.hedge, signal);
    if ('detections' in answer.outcome) return answer;
    if (signal.aborted) return { outcome: stopped };
    failures.push(answer);
    if (remaining() <= 0) break;
  }
  return joined(failures) ?? { outcome: resting(targets, model) };
}

/**
 * With less time than this left, an answer would come too late: that of the fastest target. Never more than half of a deadline, so that a target that was slow
 * once, such as while it loaded its model, is asked again.
 */
function neededMs(targets: readonly Target[], { deadline }: InferenceConfig, model: string): number {
  const now = performance.now();
  const usual = targets.filter((target) => target.breaker(model).wouldAdmit(now)).map(({ limit }) => limit.baseMs ?? 0);
  return usual.length === 0 ? 0 : Math.min(deadline / 2, ...usual);
}

/** The last failure, with the words of all. */
function joined(failures: readonly Answer[]): Answer | undefined {
  const last = failures.at(-1);
  if (!last || !('reason' in last.outcome)) return undefined;
  const message = failures.map(({ outcome }) => ('reason' in outcome ? outcome.message : '')).join('; then ');
  return { ...last, outcome: { ...last.outcome, message } };
}

/** Nothing is sent: all targets rest. */
function resting(targets: readonly Target[], model: string): Failure {
  const [failure] = targets.flatMap((target) => target.breaker(model).failure ?? []);
  if (!failure) return { reason: 'unavailable', message: 'no target takes frames now' };
  return { reason: failure.reason, message: `not asked for now, because ${failure.message}` };
}
