/**
 * What others ask of the gateway over MQTT: `<root>/<camera>/set/<switch>` and `<root>/<camera>/trigger`. What makes no sense is answered by a line in
 * the log: MQTT has no other answer.
 */
import type { Topics } from './events/topics.ts';
import type { GatewayControl } from './gateway-control.ts';
import { describeError, FramegateError } from './lib/errors.ts';
import { parseDuration } from './lib/units.ts';
import type { Arrival } from './mqtt/connection.ts';
import type { Inbox } from './mqtt/inbox.ts';
import type { Logger } from './telemetry/logger.ts';

/** Longest opening that can be asked for. */
export const MAX_DURATION_MS = 3_600_000;

/** Listens until the result is disposed. */
export function listenForCommands(
  inbox: Inbox,
  topics: Topics,
  control: Omit<GatewayControl, 'status'>,
  logger: Logger,
): Disposable {
  const guarded = (act: (levels: readonly string[], text: string) => void | Promise<void>) => (arrival: Arrival) => {
    const text = arrival.payload.toString('utf8');
    const complain = (error: unknown) =>
      logger.warn({ topic: arrival.topic, reason: describeError(error) }, 'command refused');
    // It would be obeyed anew at each connection, whatever was said since.
    if (arrival.isRetained) {
      if (text !== '') complain(refused('it is retained', 'publish commands without retain'));
      return;
    }
    const levels = arrival.topic.slice(topics.root.length + 1).split('/');
    void Promise.resolve()
      .then(() => act(levels, text))
      .catch(complain);
  };
  const parts = [
    inbox.on(
      topics.anySwitch,
      guarded(async ([camera = '', , key = ''], text) => {
        await control.setSwitch(camera, key, text);
      }),
    ),
    inbox.on(
      topics.anyTrigger,
      guarded(([camera = ''], text) => {
        if (/^off$/i.test(text.trim())) control.endTrigger(camera, 'mqtt');
        else control.trigger(camera, 'mqtt', durationOf(text));
      }),
    ),
  ];
  return {
    [Symbol.dispose]: () => {
      for (const part of parts) part[Symbol.dispose]();
    },
  };
}

/** Empty, `ON` and what buttons send by themselves open it for the usual time. */
function durationOf(text: string): number | undefined {
  const word = text.trim();
  if (/^(on|press|)$/i.test(word)) return undefined;
  const ms = parseDuration(word);
  if (ms !== undefined && ms > 0 && ms <= MAX_DURATION_MS) return ms;
  throw refused(
    `trigger was to be ${JSON.stringify(word.slice(0, 40))}`,
    'expected ON, OFF or a duration up to 1h, such as 30s',
  );
}

const refused = (message: string, hint: string) =>
  new FramegateError('ERR_GATEWAY_REFUSED', message, { hint, retryable: false });
