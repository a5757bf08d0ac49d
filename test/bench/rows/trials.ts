import type { KindName } from '../streams/kinds.ts';
import type { Part, Recording } from '../streams/streams.ts';
import { type DecodeMode, gateway, type Installation, SELDOM } from '../subjects/framegate.ts';
import type { Site } from '../subjects/site.ts';
import type { Subject } from '../subjects/subject.ts';
import { type CostRow, MIXED } from './plan.ts';
import type { Trial } from './stage.ts';

export interface Bench {
  readonly site: Site;
  readonly installation: Installation;
  readonly modes: readonly DecodeMode[];
  /** The programs to compare with. */
  readonly full: Subject;
  readonly copy: Subject;
  /** Undefined where it is not installed. */
  readonly motion: Subject | undefined;
  readonly recording: (kind: KindName, part: Part) => Recording;
}

/** The stream on which other programs are measured too. */
const COMPARED: KindName = 'vbr';
/** Gateways that decode everything are measured with so many cameras at most: what they cost goes straight up, and the machine has two cores. */
const MOST_DECODED = 5;

/** The trials of a round. */
export function trialsOf(rows: readonly CostRow[], mixed: boolean, bench: Bench): Trial[] {
  return rows.flatMap((row) => {
    const first = rows.find(({ about }) => about.split('-')[0] === row.about.split('-')[0]);
    return trialsOfRow(row, first?.name ?? row.name, mixed, bench);
  });
}

/** @param first the row of the round that has the references which rows of its sort share. */
function trialsOfRow(row: CostRow, first: string, mixed: boolean, bench: Bench): Trial[] {
  const { installation, modes, full, copy, motion } = bench;
  const main = bench.recording(row.kind, row.part);
  const isFirst = row.name === first;
  const trial = (subject: Subject): Trial => ({
    id: `${row.name}-${subject.name}`,
    row: row.name,
    beside: row.about === 'idle' ? row.name : first,
    subject,
    recordings: Array<Recording>(subject.cameras).fill(main),
  });
  const adaptive = modes.filter((mode) => mode === 'auto');
  const plain = (mode: DecodeMode) => gateway(installation, mode, 1);
  switch (row.about) {
    case 'idle': {
      // What is decoded in full costs the same for every camera, so one of them is enough, and on one kind of stream.
      const others = row.kind === COMPARED ? [motion, ...modes.filter((mode) => mode !== 'auto').map(plain)] : [];
      const subjects = [full, copy, ...others, ...adaptive.map((mode) => gateway(installation, mode, row.cameras))];
      return subjects.flatMap((subject) => (subject ? [trial(subject)] : []));
    }
    case 'busy': {
      const watching = (isFirst ? modes : adaptive).map((mode) => gateway(installation, mode, row.cameras, SELDOM));
      return [...(isFirst ? [full, copy] : []), ...watching].map((subject) => trial(subject));
    }
    case 'busy-pictures': {
      const name = 'auto-pictures' as const;
      const pictures = adaptive.map((mode) => ({ ...gateway(installation, mode, row.cameras), name }));
      return [...(isFirst ? [full] : []), ...pictures].map((subject) => trial(subject));
    }
    case 'scale': {
      const of = row.cameras <= MOST_DECODED ? modes : adaptive;
      const watched = of.map((mode) => trial(gateway(installation, mode, row.cameras)));
      const isMixed = mixed && row.name === MIXED.after;
      const references = isFirst ? [trial(full)] : [];
      return [
        ...references,
        ...watched.map((own) => (isMixed && own.subject.learns ? { ...own, next: mixedOf(own, bench) } : own)),
      ];
    }
  }
}

/** The last cameras get busy. */
function mixedOf({ recordings }: Trial, bench: Bench): NonNullable<Trial['next']> {
  const busy = Array<Recording>(MIXED.busy).fill(bench.recording('vbr', 'busy'));
  return { row: MIXED.name, recordings: [...recordings.slice(0, -MIXED.busy), ...busy] };
}
