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

/** More cameras than this, all decoded, leave no room for another gateway on two cores; what they cost is no surprise. */
const MOST_DECODED_BESIDE = 5;

/** The trials of a row. The last mode is the adaptive one, if the build has it. */
export function trialsOf(row: CostRow, bench: Bench): Trial[] {
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
      return [full, copy, ...(motion ? [motion] : []), ...watched].map((subject) => trial(subject));
    }
    case 'busy':
      return [full, copy, ...gateways(row.cameras)].map((subject) => trial(subject));
    case 'scale': {
      const of = row.cameras > MOST_DECODED_BESIDE ? modes.slice(-1) : modes;
      return [full, ...gateways(row.cameras, of)].map((subject) => trial(subject));
    }
    case 'mixed': {
      const busy = Array<Recording>(MIXED.busy).fill(bench.recording(row.kind, 'busy'));
      const idle = Array<Recording>(row.cameras - MIXED.busy).fill(main);
      return gateways(row.cameras, modes.slice(-1)).map((subject) => trial(subject, [...idle, ...busy]));
    }
  }
}
