import type { GatewayStatus } from '../gateway-status.ts';

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [value: number, labels?: Labels];
export type Camera = GatewayStatus['cameras'][string];

/** Defines one figure, read from the status at each scrape. */
export type Define = (
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: (status: GatewayStatus) => Iterable<Sample>,
) => void;

export function perCamera(figure: (camera: Camera) => number) {
  return function* ({ cameras }: GatewayStatus): Generator<Sample> {
    for (const [camera, snapshot] of Object.entries(cameras)) yield [figure(snapshot), { camera }];
  };
}

/** `label` names what the figures of a camera are told apart by. */
export function perReason(figures: (camera: Camera) => Readonly<Record<string, number>>, label = 'reason') {
  return function* ({ cameras }: GatewayStatus): Generator<Sample> {
    for (const [camera, snapshot] of Object.entries(cameras)) {
      for (const [reason, value] of Object.entries(figures(snapshot))) yield [value, { camera, [label]: reason }];
    }
  };
}
