import type { KindName } from '../streams/kinds.ts';
import type { Part, Recording } from '../streams/streams.ts';
import { type DecodeMode, gateway, type Installation } from '../subjects/framegate.ts';
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

/** More gateways than this with all cameras decoded do not run beside another one on two cores. */
const MOST_SIDE_BY_SIDE = 5;

/** The trials of a row, as one round or more. */
export function trialsOf(row: CostRow, bench: Bench): Trial[][] {
  const { installation, modes, full, copy, motion } = bench;
  const main = bench.recording(row.kind, row.part);
  const trial = (subject: Subject, recordings = Array<Recording>(subject.cameras).fill(main)): Trial => ({
    id: `${row.name}-${subject.name}`,
    row: row.name,
    subject,
    recordings,
  });
  const gateways = (cameras: number, of = modes) => of.map((mode) => gateway(installation, mode, cameras));
  switch (row.about) {
    case 'idle': {
      // What is decoded in full costs the same for every camera, so one of them is enough.
      const watched = modes.map((mode) => gateway(installation, mode, mode === 'auto' ? row.cameras : 1));
      return [[full, copy, ...(motion ? [motion] : []), ...watched].map((subject) => trial(subject))];
    }
    case 'busy':
      return [[full, copy, ...gateways(row.cameras)].map((subject) => trial(subject))];
    case 'scale': {
      const together = row.cameras <= MOST_SIDE_BY_SIDE ? [modes] : modes.map((mode) => [mode]);
      return together.map((of, index) => {
        // Beside the adaptive gateway, which comes last: that is what it is compared with.
        const reference = index === together.length - 1 ? [full] : [];
        return [...reference, ...gateways(row.cameras, of)].map((subject) => trial(subject));
      });
    }
    case 'mixed': {
      const busy = Array<Recording>(MIXED.busy).fill(bench.recording(row.kind, 'busy'));
      const idle = Array<Recording>(row.cameras - MIXED.busy).fill(main);
      // The adaptive gateway if there is one: the other one decodes everything, moving or not.
      return [gateways(row.cameras, modes.slice(-1)).map((subject) => trial(subject, [...idle, ...busy]))];
    }
  }
}
