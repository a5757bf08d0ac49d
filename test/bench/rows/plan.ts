/**
 * Which rows there are, and which of them share a round: trials of one round run side by side, so that noise hits all of them.
 */

import type { Options } from '../options.ts';
import { KIND_NAMES, type KindName } from '../streams/kinds.ts';
import type { Part, Wanted } from '../streams/streams.ts';

/** A row of cost: some trials on the same recording. */
export interface CostRow {
  readonly name: string;
  readonly kind: KindName;
  readonly part: 'idle' | 'busy';
  readonly about: 'idle' | 'busy' | 'busy-pictures' | 'scale';
  /** Cameras of the gateways. */
  readonly cameras: number;
}

export interface Plan {
  readonly rounds: ReadonlyArray<readonly CostRow[]>;
  /** Whether the largest gateway of the scale rows gets busy cameras afterwards. */
  readonly mixed: boolean;
  readonly events: readonly KindName[];
}

/** Adaptive cameras in one round of idle rows: while they learn they take one core, then less. */
const LEARNING_AT_ONCE = 20;
/** In the mixed row: cameras, and how many of them see people all the time. */
export const MIXED = { name: 'mixed-20', after: 'scale-20', cameras: 20, busy: 3 } as const;

export function planOf({ rows, cameras, counts }: Options): Plan {
  const idle = KIND_NAMES.map(
    (kind): CostRow => ({ name: `idle-${kind}`, kind, part: 'idle', about: 'idle', cameras }),
  );
  const busyOf = (name: string, about: 'busy' | 'busy-pictures', cameras = 1): CostRow => {
    return { name, kind: 'vbr', part: 'busy', about, cameras };
  };
  const busy = [
    busyOf('busy-vbr', 'busy'),
    busyOf('busy-vbr-4', 'busy', 4),
    busyOf('busy-vbr-pictures', 'busy-pictures'),
  ];
  const scaleOf = (count: number): CostRow => {
    return { name: `scale-${count}`, kind: 'vbr', part: 'idle', about: 'scale', cameras: count };
  };
  const events = KIND_NAMES.map((kind) => ({ name: `events-${kind}`, kind }));
  const scaleNames = counts.map((count) => ({ name: `scale-${count}`, count }));
  const names = [...idle, ...busy, ...scaleNames, MIXED, ...events].map(({ name }) => name);
  const isWanted = ({ name }: { readonly name: string }) => {
    return rows.length === 0 || rows.some((row) => (names.includes(row) ? name === row : name.startsWith(row)));
  };
  const mixed = isWanted(MIXED);
  const scale = scaleNames.filter(isWanted).map(({ count }) => count);
  // The mixed row goes on with the gateway of the scale row.
  const learning = mixed && !scale.includes(MIXED.cameras) ? [...scale, MIXED.cameras] : scale;
  const groups = inGroups(idle.filter(isWanted), Math.max(1, Math.floor(LEARNING_AT_ONCE / cameras)));
  const rounds = [...groups, busy.filter(isWanted), learning.map((count) => scaleOf(count))];
  return {
    rounds: rounds.filter((round) => round.length > 0),
    mixed,
    events: events.filter(isWanted).map(({ kind }) => kind),
  };
}

export function namesOf({ rounds, mixed, events }: Plan): string[] {
  const rows = rounds.flat().map(({ name }) => name);
  return [...new Set([...rows, ...(mixed ? [MIXED.name] : []), ...events.map((kind) => `events-${kind}`)])];
}

/** The recordings that a plan needs. */
export function recordingsOf({ rounds, mixed, events }: Plan): Wanted[] {
  const cost = rounds.flat().map(({ kind, part }): Wanted => [kind, part]);
  const kinds = [...new Set([...cost.map(([kind]) => kind), ...events])];
  return [
    ...cost,
    ...(mixed ? [['vbr', 'busy'] as const] : []),
    ...events.map((kind): Wanted => [kind, 'events']),
    ...kinds.flatMap((kind) => (['idle', 'learn'] as const).map((part: Part): Wanted => [kind, part])),
  ];
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
