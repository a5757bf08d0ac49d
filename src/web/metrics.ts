/**
 * The gateway's figures for Prometheus. They are read from the status at each scrape, so that metrics, status page and MQTT never differ.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { GatewayStatus } from '../gateway-status.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { type Camera, perCamera, perReason, type Sample } from './samples.ts';
import { defineTriggerMetrics } from './trigger-metrics.ts';

export function createMetrics(status: () => GatewayStatus): Registry {
  const registry = new Registry();
  collectProcessMetrics(registry);

  const define = (
    kind: typeof Gauge | typeof Counter,
    name: string,
    help: string,
    labelNames: readonly string[],
    samples: (status: GatewayStatus) => Iterable<Sample>,
  ) => {
    const metric = new kind({
      name: `framegate_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect: () => {
        metric.reset();
        for (const [value, labels] of samples(status())) metric.inc({ ...labels }, value);
      },
    });
  };
  const gauge = define.bind(undefined, Gauge);
  const counter = define.bind(undefined, Counter);

  gauge(
    'camera_up',
    '1 while frames come from the camera.',
    ['camera'],
    perCamera(({ state }) => (state === 'online' ? 1 : 0)),
  );
  gauge(
    'motion_gate_open',
    '1 while something moves.',
    ['camera'],
    perCamera(({ gate }) => (gate === 'open' ? 1 : 0)),
  );
  gauge(
    'frames_in_flight',
    'Triggered frames that have no verdict yet.',
    ['camera'],
    perCamera(({ inference }) => inference.inFlight),
  );
  counter(
    'source_reconnects_total',
    'Camera sessions that were lost.',
    ['camera'],
    perCamera(({ reconnects }) => reconnects),
  );
  counter(
    'frames_received_total',
    'Pictures that the camera sent.',
    ['camera'],
    perCamera(({ frames }) => frames.received),
  );
  counter(
    'received_bytes_total',
    'Compressed bytes that the camera sent.',
    ['camera'],
    perCamera(({ frames }) => frames.receivedBytes),
  );
  counter(
    'frames_seen_total',
    'Pictures that motion looked at.',
    ['camera'],
    perCamera(({ frames }) => frames.seen),
  );
  counter(
    'frames_sent_total',
    'Pictures that went to the model.',
    ['camera'],
    perCamera(({ frames }) => frames.sent),
  );
  counter(
    'frames_dropped_total',
    'Pictures left out before motion.',
    ['camera', 'reason'],
    perReason(({ frames }) => frames.dropped),
  );
  counter(
    'frames_triggered_total',
    'Frames that the model should answer.',
    ['camera'],
    perCamera(({ inference }) => inference.triggered),
  );
  defineTriggerMetrics(gauge, counter);
  counter(
    'frames_answered_total',
    'Triggered frames that the model answered.',
    ['camera'],
    perCamera(({ inference }) => inference.answered),
  );
  counter(
    'frames_unknown_total',
    'Triggered frames without an answer.',
    ['camera', 'reason'],
    perReason(({ inference }) => inference.byReason),
  );
  for (const [name, help, figure] of COST_FIGURES)
    counter(`requests_${name}_total`, help, ['camera', 'target'], perTarget(figure));
  gauge(
    'requests_in_flight',
    'Requests that are not answered yet.',
    ['camera', 'target'],
    perTarget(({ inFlight }) => inFlight),
  );
  counter(
    'requests_cost_total',
    'What requests cost, by the configured price.',
    ['camera', 'target', 'currency'],
    function* ({ cameras }) {
      for (const [camera, { cost }] of Object.entries(cameras)) {
        for (const [target, { money }] of Object.entries(cost))
          if (money) yield [money.amount, { camera, target, currency: money.currency }];
      }
    },
  );
  gauge(
    'target_up',
    '1 while frames are sent to the target, 0 while it rests or is being tried.',
    ['target'],
    ({ inference }) =>
      inference.targets.map(({ name, state }) => [state === 'closed' ? 1 : 0, { target: name }] as const),
  );
  gauge('target_concurrency_limit', 'Requests that the target takes at once.', ['target'], ({ inference }) =>
    inference.targets.map(({ name, limit }) => [limit, { target: name }] as const),
  );
  counter('learning_chosen_total', 'Frames that were chosen for the dataset.', ['reason'], ({ learning }) =>
    Object.entries(learning?.chosen ?? {}).map(([reason, count]) => [count, { reason }] as const),
  );
  counter('learning_uploaded_total', 'Pictures that the dataset has.', [], ({ learning }) =>
    learning ? [[learning.uploaded, {}]] : [],
  );
  counter('learning_dropped_total', 'Chosen frames that were not uploaded.', ['reason'], ({ learning }) =>
    Object.entries(learning?.dropped ?? {}).map(([reason, count]) => [count, { reason }] as const),
  );
  counter('events_total', 'Events of tracked objects.', ['camera', 'type'], function* ({ cameras }) {
    for (const [camera, { events }] of Object.entries(cameras)) {
      for (const [type, value] of Object.entries(events)) yield [value, { camera, type }];
    }
  });
  gauge(
    'decode_idle',
    '1 while only keyframes are decoded.',
    ['camera'],
    perCamera(({ decode }) => (decode?.state === 'idle' ? 1 : 0)),
  );
  counter(
    'decode_wakes_total',
    'Times a camera was woken, by what.',
    ['camera', 'reason'],
    perReason(({ decode }) => ({ ...decode?.wakes })),
  );
  counter(
    'decode_wakes_in_vain_total',
    'Wakes after which nothing moved.',
    ['camera'],
    perCamera(({ decode }) => decode?.wakesInVain ?? 0),
  );
  counter(
    'decoders_replaced_total',
    'Decoders of the camera that died or hung, in this session.',
    ['camera'],
    perCamera(({ decode }) => decode?.restarts ?? 0),
  );
  gauge(
    'kept_bytes',
    'Compressed pictures of the camera in memory.',
    ['camera'],
    perCamera(({ decode }) => decode?.keptBytes ?? 0),
  );
  gauge('decoders', 'Decoder processes that run now.', [], ({ decoders }) => [[decoders.decoders]]);
  gauge('processes', 'The gateway and its child processes.', [], ({ resources }) =>
    resources ? [[resources.processes]] : [],
  );
  gauge('memory_bytes', 'Memory of all of them: proportional set size.', [], ({ resources }) =>
    resources ? [[resources.memoryBytes]] : [],
  );
  gauge('outbox_entries', 'Messages that wait for the broker.', [], ({ outbox }) => [[outbox.pending]]);
  gauge('outbox_bytes', 'Bytes that wait for the broker.', [], ({ outbox }) => [[outbox.pendingBytes]]);
  counter('outbox_appended_total', 'Messages that were put into the outbox.', [], ({ outbox }) => [[outbox.appended]]);
  counter('outbox_acknowledged_total', 'Messages that the broker confirmed.', [], ({ outbox }) => [
    [outbox.acknowledged],
  ]);
  counter('outbox_discarded_total', 'Messages that were given up.', ['reason'], ({ outbox }) =>
    Object.entries(outbox.discarded).map(([reason, value]) => [value, { reason }] as const),
  );
  gauge('mqtt_connected', '1 while the broker is connected.', [], ({ mqtt }) => [[mqtt.connected ? 1 : 0]]);
  return registry;
}

type Cost = Camera['cost'][string];

const COST_FIGURES: ReadonlyArray<readonly [name: string, help: string, figure: (cost: Cost) => number]> = [
  ['sent', 'Requests with a picture, also those sent again or to a second target.', ({ requests }) => requests],
  ['answered', 'Requests that were answered.', ({ answered }) => answered],
  ['failed', 'Requests that were not answered as they should be.', ({ failed }) => failed],
  ['cancelled', 'Requests whose answer was not waited for to the end.', ({ cancelled }) => cancelled],
  ['bytes', 'Bytes of requests.', ({ bytes }) => bytes],
  ['seconds', 'Time in which answers were waited for.', ({ ms }) => ms / 1000],
];

function perTarget(figure: (cost: Cost) => number) {
  return function* ({ cameras }: GatewayStatus): Generator<Sample> {
    for (const [camera, { cost }] of Object.entries(cameras)) {
      for (const [target, figures] of Object.entries(cost)) yield [figure(figures), { camera, target }];
    }
  };
}
