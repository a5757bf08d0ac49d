import { KeyframeDifference } from './keyframe-difference.ts';
import { PacketActivity } from './packet-activity.ts';
import { PacketTrust } from './packet-trust.ts';
import { RestlessMap } from './restless-map.ts';
import { WakeBudget } from './wake-budget.ts';

/** What was learnt of one camera. It outlives its sessions: a camera that reconnects is still the same. */
export interface SceneMemory {
  readonly packets: PacketActivity;
  readonly trust: PacketTrust;
  readonly difference: KeyframeDifference;
  readonly restless: RestlessMap;
  readonly budget: WakeBudget;
}

export function createSceneMemory(): SceneMemory {
  return {
    packets: new PacketActivity(),
    trust: new PacketTrust(),
    difference: new KeyframeDifference(),
    restless: new RestlessMap(),
    budget: new WakeBudget(),
  };
}
