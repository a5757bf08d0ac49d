import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema, type JsonSchema, schemasAt } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ROOT, readRepositoryFile } from '../helpers/repository.ts';

const EXAMPLE = 'config/framegate.example.yaml';
const SECRETS = { FRONT_PASSWORD: 'p@ss', MQTT_PASSWORD: 'x', INFERENCE_KEY: 'x', DATASET_KEY: 'x' };
const schema = configJsonSchema();

/** Every key of the schema with its default, if it has one; ids in records stand as in `ids`. */
function keys(at: JsonSchema, path: string[], ids: readonly string[]): Array<{ path: string[]; key: JsonSchema }> {
  const named = Object.entries(at.properties ?? {}).map(([name, inner]) => ({ path: [...path, name], inner }));
  const [id, ...rest] = ids;
  const record =
    typeof at.additionalProperties === 'object' && id ? [{ path: [...path, id], inner: at.additionalProperties }] : [];
  return [
    ...named.map(({ path: to, inner }) => ({ path: to, key: inner })),
    ...[...named, ...record].flatMap(({ path: to, inner }) => keys(inner, to, record.length > 0 ? rest : ids)),
  ];
}

const valueAt = (value: unknown, path: readonly string[]) =>
  path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);

describe(EXAMPLE, () => {
  const text = readRepositoryFile(EXAMPLE);
  const written = parse(text);
  // Keys without a default are commented out, with nothing between the # and the key.
  const complete = parse(text.replace(/^( *)#(?=[a-z]\w*:)/gim, '$1'));
  const all = keys(schema, [], ['front', 'driveway']);

  it('loads, also with the commented keys', async () => {
    const { config } = await loadConfig(join(ROOT, EXAMPLE), SECRETS);
    expect(Object.keys(config.cameras)).toEqual(['front']);
  });

  it('has every key', () => {
    expect(all.length).toBeGreaterThan(50);
    const missing = all.filter(({ path }) => valueAt(complete, path) === undefined).map(({ path }) => path.join('.'));
    expect(missing).toEqual([]);
  });

  it('has no key that is unknown', () => {
    const walk = (value: unknown, path: string[]): string[] => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
      return Object.entries(value).flatMap(([key, inner]) => {
        const to = [...path, key];
        return schemasAt(schema, to).length === 0 ? [to.join('.')] : walk(inner, to);
      });
    };
    expect(walk(complete, [])).toEqual([]);
  });

  it('shows the true defaults', () => {
    for (const { path, key } of all) {
      if (key.default === undefined || key.type === 'object') continue;
      // A section that is off as a whole is commented as a whole.
      const shown = valueAt(written, path.slice(0, 1)) === undefined ? complete : written;
      expect(valueAt(shown, path), path.join('.')).toEqual(key.default);
    }
  });
});

describe('config/framegate.minimal.yaml', () => {
  it('loads, and is what the README shows', async () => {
    const { config } = await loadConfig(join(ROOT, 'config/framegate.minimal.yaml'), SECRETS);
    expect(config.cameras['front']?.url).toBe('rtsp://user:p%40ss@192.0.2.10/stream2');
    expect(readRepositoryFile('README.md')).toContain(readRepositoryFile('config/framegate.minimal.yaml'));
  });
});

describe('config/framegate.starter.yaml', () => {
  it('loads as it is', async () => {
    const { config } = await loadConfig(join(ROOT, 'config/framegate.starter.yaml'), {});
    expect(config.cameras).toEqual({});
  });
});

describe('config/framegate.schema.json', () => {
  it('is what the code says; if not: npm run schema', () => {
    expect(JSON.parse(readRepositoryFile('config/framegate.schema.json'))).toEqual(JSON.parse(JSON.stringify(schema)));
  });
});
