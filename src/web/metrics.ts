/**
 * The gateway's figures for Prometheus. They are read from the status at each scrape, so that metrics, status page and MQTT never differ.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { GatewayStatus } from '../gateway-status.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number, labels?: Labels];

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

/**
 * The process' own figures, but for the distribution of the event loop's lag: it is measured by a timer that fires a hundred times a second,
 * which costs more than all else that an idle gateway does.
 */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'framegate_', eventLoopMonitoringPrecision: 10_000 });
  for (const figure of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    registry.removeSingleMetric(`framegate_nodejs_eventloop_lag_${figure}_seconds`);
}

type Camera = GatewayStatus['cameras'][string];

function perCamera(figure: (camera: Camera) => number) {
  return function* ({ cameras }: GatewayStatus): Generator<Sample> {
    for (const [camera, snapshot] of Object.entries(cameras)) yield [figure(snapshot), { camera }];
  };
}

function perReason(figures: (camera: Camera) => Readonly<Record<string, number>>) {
  return function* ({ cameras }: GatewayStatus): Generator<Sample> {
    for (const [camera, snapshot] of Object.entries(cameras)) {
      for (const [reason, value] of Object.entries(figures(snapshot))) yield [value, { camera, reason }];
    }
  };
}
