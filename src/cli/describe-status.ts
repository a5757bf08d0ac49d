/**
 * The status of a gateway for people. It may be of another version than this command, so what is missing is left out.
 */
import type { CameraSnapshot } from '../camera-stats.ts';
import type { GatewayStatus } from '../gateway-status.ts';
import type { TargetCost } from '../inference/account.ts';
import type { LearningSnapshot } from '../learning/learner.ts';
import type { SourceSnapshot } from '../source/source.ts';
import type { ProcessTreeSnapshot } from '../telemetry/process-tree.ts';
import { table } from './table.ts';

export function describeStatus(status: GatewayStatus): string {
  const { gateway, version, uptimeSeconds, mqtt, inference, learning, outbox, decoders, resources } = status;
  const cameras = Object.entries(status.cameras);
  const targets = (inference.targets ?? []).map(({ name, state, problem, inFlight, limit, latencyMs }) =>
    [
      `${name}: ${state === 'closed' ? 'up' : `resting (${problem ?? state})`}`,
      `${inFlight} of ${limit} requests under way`,
      ...(latencyMs === undefined ? [] : [`${Math.round(latencyMs)} ms`]),
    ].join(', '),
  );
  const head = [
    ['gateway', `${gateway}, framegate ${version}, up ${span(uptimeSeconds)}`],
    ['broker', `${mqtt.connected ? 'connected' : 'NOT CONNECTED'}, ${outbox.pending} messages wait`],
    ['inference', `${inference.model} at ${inference.url}`],
    ...targets.map((target) => ['', target]),
    ...(learning ? [['learning', describeLearning(learning)]] : []),
    ['decoders', `${decoders.decoders} processes, ${decoders.spares} of them wait for the next wake`],
    ...(resources ? [['memory', describeResources(resources, cameras.length)]] : []),
  ];
  const overview = [
    ['CAMERA', 'STATE', 'FPS', 'GATE', 'DECODE', 'TRIGGERED', 'ANSWERED', 'UNKNOWN', 'WAIT'],
    ...cameras.map(([id, camera]) => [
      id,
      camera.state,
      camera.state === 'online' ? String(camera.frames.fps ?? '') : '-',
      camera.gate,
      camera.decode?.state ?? '-',
      ...[
        camera.inference.triggered,
        camera.inference.answered,
        camera.inference.unknown,
        camera.inference.inFlight,
      ].map(String),
    ]),
  ];
  const notes = cameras.flatMap(([id, camera]) =>
    notesOf(camera).map((note, index) => [index === 0 ? id : '', ...note]),
  );
  const parts = [table(head)];
  if (cameras.length > 0) parts.push(table(overview), table(notes));
  return parts.filter((part) => part !== '').join('\n\n');
}

function describeResources({ processes, memoryBytes }: ProcessTreeSnapshot, cameras: number): string {
  const each = cameras > 0 ? `, ${mebibytes(memoryBytes / cameras)} per camera` : '';
  return `${mebibytes(memoryBytes)} in ${processes} processes${each}`;
}

function describeStream({ transport, gopSeconds, keptBytes, frameAgeMs }: SourceSnapshot): string {
  return [
    ...(transport === undefined ? [] : [transport === 'native' ? 'received by our own client' : 'received by ffmpeg']),
    ...(gopSeconds === undefined ? [] : [`a keyframe every ${gopSeconds} s`]),
    `${mebibytes(keptBytes)} kept`,
    ...(frameAgeMs === undefined ? [] : [`frames decoded ${frameAgeMs} ms after they came`]),
  ].join(', ');
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 2 : 1)} MiB`;

function describeLearning({ chosen, uploaded, dropped, waiting, problem }: LearningSnapshot): string {
  const sum = Object.values(chosen).reduce((total, count) => total + count, 0);
  const left = counts(dropped);
  const figures = `${sum} frames chosen, ${uploaded} uploaded, ${waiting} wait`;
  return [figures, ...(left === '' ? [] : [`left out: ${left}`]), ...(problem ? [problem] : [])].join('; ');
}

type Note = readonly [what: string, text: string];

/** What a row has no room for. */
function notesOf({ problem, decode, pictures, trigger, switches, inference, cost }: CameraSnapshot): Note[] {
  const unknown = counts(inference.byReason);
  const causes = counts(trigger?.frames ?? {});
  const { openedBy = [], onvif, agreement, restless } = trigger ?? {};
  const notes: Array<Note | undefined> = [
    problem === undefined ? undefined : ['problem', problem],
    decode && ['decode', decode.reason],
    decode && ['stream', describeStream(decode)],
    decode && ['packets', decode.packets],
    pictures && !pictures.online
      ? ['pictures', 'their stream is lost: they come from the one that is watched']
      : undefined,
    causes === '' ? undefined : ['frames', causes],
    unknown === '' ? undefined : ['unknown', unknown],
    ...Object.entries(cost ?? {}).map(([target, figures]): Note => ['asked', `${target}: ${describeCost(figures)}`]),
    openedBy.length === 0 ? undefined : ['opened by', openedBy.join(', ')],
    onvif && ['onvif', onvif.problem ?? `${onvif.state}${onvif.motion ? `, motion (${onvif.topics.join(', ')})` : ''}`],
    agreement && [
      'agreement',
      `motion in windows of ${agreement.windowSeconds} s: both ${agreement.both}, only camera ${agreement.onlyCamera}, only ours ${agreement.onlyOurs}`,
    ],
    restless && [
      'restless',
      restless.proposedMask
        ? `triggers without end; a mask to paste into motion.masks: ${JSON.stringify(restless.proposedMask.map((point) => point.map(short)))}`
        : 'triggers without end, all over the picture',
    ],
    switches && switches.overridden.length > 0
      ? ['switched', switches.overridden.map((key) => `${key} ${described(switches[key])}`).join(', ')]
      : undefined,
  ];
  return notes.filter((note) => note !== undefined);
}

/** What asking one target has cost. */
function describeCost({ requests, failed, bytes, ms, answered, money }: TargetCost): string {
  return [
    `${requests} requests`,
    ...(failed > 0 ? [`${failed} of them failed`] : []),
    mebibytes(bytes),
    ...(answered > 0 ? [`${Math.round(ms / requests)} ms each`] : []),
    ...(money ? [`${money.amount.toFixed(2)} ${money.currency}`] : []),
  ].join(', ');
}

const counts = (figures: Readonly<Record<string, number>>) =>
  Object.entries(figures)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

const described = (value: boolean | string) => (typeof value === 'string' ? value : value ? 'on' : 'off');

const short = (fraction: number) => Math.round(fraction * 10_000) / 10_000;

function span(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const;
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return `${seconds} s`;
  return units
    .slice(first, first + 2)
    .map(
      ([size, unit], index) =>
        `${Math.floor((index === 0 ? seconds : seconds % (units[first]?.[0] ?? 1)) / size)} ${unit}`,
    )
    .join(' ');
}
