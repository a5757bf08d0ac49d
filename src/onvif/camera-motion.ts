import type { OnvifConfig } from './config.ts';
import type { Notice } from './notice.ts';

/** An event without a state, such as a line that was crossed, counts as motion for so long. */
const PULSE_MS = 5000;
/** Rules of one camera. More is nonsense, and would be remembered for ever. */
const MAX_RULES = 64;

/** Whether the camera says that something moves. */
export interface CameraMotion {
  readonly isOn: boolean;
  /** Topics that are on now. */
  readonly topics: readonly string[];
  push(notice: Notice, at: number): void;
  /** Lets time pass: what was not taken back for too long is over. */
  tick(at: number): void;
  /** The camera is not heard any more: nothing is known. */
  clear(): void;
}

/**
 * Ties the events of a camera to one state. It goes by when they arrive: cameras whose clocks are hours off are common, so the times in
 * the events are not looked at.
 */
export function createCameraMotion({ topics, maxOn }: Pick<OnvifConfig, 'topics' | 'maxOn'>): CameraMotion {
  /** By rule and what it is about: until when it is on. */
  const rules = new Map<string, { readonly topic: string; readonly until: number }>();
  return {
    get isOn() {
      return rules.size > 0;
    },
    get topics() {
      return [...new Set([...rules.values()].map(({ topic }) => topic))];
    },
    push(notice, at) {
      const { topic, source, data } = notice;
      if (!topics.some((part) => `/${topic}/`.includes(`/${part}/`))) return;
      const state = stateOf(data);
      const rule = `${topic} ${source}`;
      if (state === false) rules.delete(rule);
      else if (rules.size < MAX_RULES || rules.has(rule))
        rules.set(rule, { topic, until: at + (state === undefined ? PULSE_MS : maxOn) });
    },
    tick(at) {
      for (const [rule, { until }] of rules) if (until <= at) rules.delete(rule);
    },
    clear() {
      rules.clear();
    },
  };
}

/** True if any value says so; undefined if there is no yes or no among them. */
function stateOf(data: ReadonlyMap<string, unknown>): boolean | undefined {
  let state: boolean | undefined;
  for (const [name, value] of data) {
    if (!/^(is[a-z]+|state|motion[a-z]*|logicalstate|alarm|visitor|value)$/i.test(name)) continue;
    const told = yesOrNo(value);
    if (told !== undefined) state = state === true || told;
  }
  return state;
}

function yesOrNo(value: unknown): boolean | undefined {
  const text = String(value).toLowerCase();
  if (['true', '1', 'on', 'active'].includes(text)) return true;
  if (['false', '0', 'off', 'inactive'].includes(text)) return false;
  return undefined;
}
