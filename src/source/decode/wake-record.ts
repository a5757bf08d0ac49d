import type { ChangedBlock } from '../wake/keyframe-difference.ts';
import type { SceneMemory } from '../wake/scene-memory.ts';
import type { WakeReason } from './decode-snapshot.ts';

/** Why a camera is awake, and whether it was worth it. */
export interface Wake {
  readonly reason: WakeReason;
  /** What changed in the keyframe that woke it. */
  readonly blamed: readonly ChangedBlock[];
  /** Something moved since. */
  confirmed: boolean;
}

/** Counts the wakes of a camera, and lets its memory learn from those in vain. */
export class WakeRecord {
  readonly #memory: SceneMemory;
  readonly #wakes: Record<WakeReason, number> = { start: 0, packets: 0, keyframe: 0, probe: 0, trigger: 0 };
  #inVain = 0;

  constructor(memory: SceneMemory) {
    this.#memory = memory;
  }

  begin(reason: WakeReason): Wake {
    this.#wakes[reason] += 1;
    return { reason, blamed: reason === 'keyframe' ? this.#memory.difference.moved : [], confirmed: false };
  }

  end({ reason, blamed, confirmed }: Wake): void {
    const { packets, difference, budget } = this.#memory;
    packets.reset();
    if (confirmed || (reason !== 'packets' && reason !== 'keyframe')) return;
    this.#inVain += 1;
    budget.wasInVain();
    if (reason === 'packets') packets.wasWrong();
    else difference.wasWrong(blamed);
  }

  snapshot(): { readonly wakes: Readonly<Record<WakeReason, number>>; readonly wakesInVain: number } {
    return { wakes: { ...this.#wakes }, wakesInVain: this.#inVain };
  }
}
