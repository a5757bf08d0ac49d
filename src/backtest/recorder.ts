import type { AccessUnit } from '../source/access-unit.ts';
import type { LumaFrame } from '../source/frame.ts';
import type { Seen } from '../watch.ts';
import type { ClipDetail, DecodeChange, Sample, Snapshot } from './detail.ts';
import { Heat } from './heat.ts';
import type { Shots } from './shots.ts';
import type { SimulatedCamera, Witness } from './simulated-camera.ts';
import type { Interval } from './truth.ts';

/** More pictures of one clip than this tell nobody anything. */
const MAX_SNAPSHOTS = 200;

/** Writes down what a report shows of a clip. */
export class Recorder implements Witness {
  readonly #shots: Shots;
  readonly #heat = new Heat();
  readonly #samples: Sample[] = [];
  readonly #decoding: DecodeChange[] = [];
  readonly #snapshots: Snapshot[] = [];
  /** Truth of which no picture was taken yet, in order. */
  readonly #awaited: Interval[];
  #hasScene = false;
  #scene: Uint8Array | undefined;

  constructor(shots: Shots, truth: readonly Interval[]) {
    this.#shots = shots;
    this.#awaited = [...truth];
  }

  saw({ at }: LumaFrame, { motion, change }: Seen, camera: SimulatedCamera): void {
    this.#samples.push({ t: at / 1000, score: motion.score, state: motion.state });
    this.#heat.add(motion.regions);
    if (change?.open) this.#take(camera.unitsUpTo(at), 'event', motion.regions);
  }

  /** Takes the pictures that do not depend on what is seen. */
  passed(unit: AccessUnit, camera: SimulatedCamera): void {
    const state = camera.decodeState;
    if (state && this.#decoding.at(-1)?.state !== state) this.#decoding.push({ t: unit.at / 1000, state });
    if (!this.#hasScene) this.#takeScene(camera.unitsUpTo(unit.at));
    const [next] = this.#awaited;
    if (!next || unit.at / 1000 < (next[0] + next[1]) / 2) return;
    this.#awaited.shift();
    this.#take(camera.unitsUpTo(unit.at), 'truth', []);
  }

  detail(): ClipDetail {
    return {
      samples: this.#samples,
      decoding: this.#decoding,
      heat: this.#heat.map(),
      snapshots: this.#snapshots.sort((a, b) => a.t - b.t),
      scene: this.#scene,
    };
  }

  #takeScene(units: readonly AccessUnit[]): void {
    this.#hasScene = true;
    this.#shots.take(units, (jpeg) => {
      this.#scene = jpeg;
    });
  }

  #take(units: readonly AccessUnit[], of: Snapshot['of'], regions: Snapshot['regions']): void {
    const unit = units.at(-1);
    if (!unit || this.#snapshots.length >= MAX_SNAPSHOTS) return;
    this.#shots.take(units, (jpeg) => {
      this.#snapshots.push({ t: unit.at / 1000, of, jpeg, regions });
    });
  }
}
