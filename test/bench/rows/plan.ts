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
  readonly part: Exclude<Part, 'events'>;
  readonly about: 'idle' | 'busy' | 'scale' | 'mixed';
  /** Cameras of the gateways. */
  readonly cameras: number;
}

export interface Plan {
  readonly rounds: ReadonlyArray<readonly CostRow[]>;
  readonly events: readonly KindName[];
}

/** Idle rows in one round: decoding everything for two of them, and `motion`, is less than one core. */
const ROWS_AT_ONCE = 2;
/** In the mixed row: cameras, and how many of them see people all the time. */
export const MIXED = { cameras: 20, busy: 3 } as const;

export function planOf({ rows, cameras, counts }: Options): Plan {
  const idle = KIND_NAMES.map(
    (kind): CostRow => ({ name: `idle-${kind}`, kind, part: 'idle', about: 'idle', cameras }),
  );
  const busy: CostRow = { name: 'busy-vbr', kind: 'vbr', part: 'busy', about: 'busy', cameras: 1 };
  const scale = counts.map((count): CostRow => {
    return { name: `scale-${count}`, kind: 'vbr', part: 'idle', about: 'scale', cameras: count };
  });
  const mixed: CostRow = { name: 'mixed-20', kind: 'vbr', part: 'idle', about: 'mixed', cameras: MIXED.cameras };
  const events = KIND_NAMES.map((kind) => ({ name: `events-${kind}`, kind }));
  const names = [...idle, busy, ...scale, mixed, ...events].map(({ name }) => name);
  const isWanted = ({ name }: { readonly name: string }) => {
    return rows.length === 0 || rows.some((row) => (names.includes(row) ? name === row : name.startsWith(row)));
  };
  const rounds = [
    ...inGroups(idle.filter(isWanted), ROWS_AT_ONCE),
    ...[busy, ...scale, mixed].filter(isWanted).map((row) => [row]),
  ];
  return { rounds, events: events.filter(isWanted).map(({ kind }) => kind) };
}

export function namesOf({ rounds, events }: Plan): string[] {
  return [...rounds.flat().map(({ name }) => name), ...events.map((kind) => `events-${kind}`)];
}

/** The recordings that a plan needs. */
export function recordingsOf({ rounds, events }: Plan): Wanted[] {
  const rows = rounds.flat();
  const cost = rows.map(({ kind, part }): Wanted => [kind, part]);
  const mixed = rows.filter(({ about }) => about === 'mixed').map(({ kind }): Wanted => [kind, 'busy']);
  return [
    ...cost,
    ...mixed,
    ...events.flatMap((kind): Wanted[] => [
      [kind, 'idle'],
      [kind, 'events'],
    ]),
  ];
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
