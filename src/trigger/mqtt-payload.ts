import type { MqttTriggerConfig } from './config.ts';

/** Whether a message opens the gate. */
export function matchesPayload(text: string, { key, payload }: Pick<MqttTriggerConfig, 'key' | 'payload'>): boolean {
  if (key === undefined) return payload === undefined || text.trim() === payload;
  const value = valueAt(text, key);
  if (value === undefined || typeof value === 'object') return false;
  return payload === undefined || String(value) === payload;
}

/** The value of `state.motion` in a JSON text; undefined if there is none. */
function valueAt(text: string, key: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // no JSON: it has no keys
  }
  for (const level of key.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, level)) return undefined;
    value = (value as Record<string, unknown>)[level];
  }
  return value;
}
