/**
 * Why a request that was understood is not worked on, as the error its client gets. Each is counted.
 */
import { FramegateError } from '../lib/errors.ts';
import type { DropReason, ServeMetrics } from './metrics.ts';

const ERRORS: Readonly<Record<DropReason, () => FramegateError>> = {
  queue_full: () =>
    new FramegateError('ERR_INFERENCE_OVERLOADED', 'too many pictures wait already', {
      hint: 'try again in a second, or send fewer',
    }),
  waited_too_long: () =>
    new FramegateError('ERR_INFERENCE_OVERLOADED', 'not begun within 10 s', {
      hint: 'the models are busy or one is still loading; try again in a second',
    }),
  deadline: () =>
    new FramegateError('ERR_TIMEOUT', 'not begun before the deadline of the request', {
      hint: 'the models are busy; send fewer, or allow more time',
    }),
  client_gone: () => new FramegateError('ERR_INFERENCE_UNAVAILABLE', 'the client went away'),
  worker_down: () =>
    new FramegateError('ERR_INFERENCE_UNAVAILABLE', 'the models are still loading', { hint: 'try again in a second' }),
};

export type Drop = (reason: DropReason) => FramegateError;

export function countedDrops(metrics: ServeMetrics): Drop {
  return (reason) => {
    metrics.dropped.inc({ reason });
    return ERRORS[reason]();
  };
}
