import type { AccessUnit } from '../access-unit.ts';
import type { Rest } from './packet-activity.ts';
import { PacketEvidence } from './packet-evidence.ts';
import type { SceneMemory } from './scene-memory.ts';

/** What packets say of one camera, and what that is worth: weighs each, and keeps their word against what was seen. */
export class PacketWatch {
  readonly #memory: SceneMemory;
  readonly #evidence: PacketEvidence;

  constructor(memory: SceneMemory) {
    this.#memory = memory;
    this.#evidence = new PacketEvidence(memory.trust);
  }

  /** Takes the next access unit; true when it tells motion and is worth a wake. */
  weigh(unit: AccessUnit, rest: Rest): boolean {
    const { packets, trust, budget } = this.#memory;
    const moves = packets.push(unit.data.length, unit.key, rest);
    if (packets.isWarm) this.#evidence.packet(unit.at, packets.level);
    return moves && (trust.isTrusted || budget.allows(unit.at));
  }

  /** A decoded frame of full rate was looked at. */
  watched(at: number, moves: boolean): void {
    if (this.#memory.packets.isWarm) this.#evidence.watched(at, moves);
  }
}
