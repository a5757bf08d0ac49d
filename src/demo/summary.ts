import type { GatewayStatus } from '../gateway-status.ts';

/** The closing lines of the demo, from the last `stats` that the gateway published. */
export function summarise(status: GatewayStatus): string {
  const cameras = Object.values(status.cameras);
  const sum = (figure: (camera: (typeof cameras)[number]) => number) =>
    cameras.reduce((total, camera) => total + figure(camera), 0);
  const received = sum(({ frames }) => frames.received);
  const seen = sum(({ frames }) => frames.seen);
  const triggered = sum(({ inference }) => inference.triggered);
  const answered = sum(({ inference }) => inference.answered);
  const unknown = sum(({ inference }) => inference.unknown);
  const sent = sum(({ frames }) => frames.sent);
  const events = sum(({ events: { new: begun } }) => begun);
  const saved = seen > 0 ? 1 - sent / seen : 0;
  const rows: ReadonlyArray<readonly [string, string]> = [
    ['frames received', `${received}`],
    ['frames seen', `${seen}  (looked at by motion)`],
    ['frames triggered', `${triggered}`],
    ['frames sent', `${sent}  (answered ${answered}, unknown ${unknown})`],
    ['share saved', `${(saved * 100).toFixed(1)} %  of the frames seen never went to the model`],
    ['events', `${events}`],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(17)}${value}`).join('\n');
}
