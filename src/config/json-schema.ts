/**
 * The JSON Schema of the config: for editors (`framegate schema`), and to know what keys belong where.
 */
import { z } from 'zod';
import { gatewayConfig } from './schema.ts';

/** The part of JSON Schema that the config uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

/** Draft 7 is what editors understand best. `input`: what stands in the file, not what it is turned into. */
export function configJsonSchema(schema: z.ZodType = gatewayConfig): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as JsonSchema;
}

/** The schemas that a value at `path` may follow: none where the schema knows nothing, several under a union. */
export function schemasAt(root: JsonSchema, path: readonly PropertyKey[]): readonly JsonSchema[] {
  return path.reduce<readonly JsonSchema[]>(
    (schemas, key) => schemas.flatMap((schema) => alternatives(childOf(schema, key))),
    alternatives(root),
  );
}

function alternatives(schema: JsonSchema | undefined): readonly JsonSchema[] {
  if (!schema) return [];
  return schema.anyOf ? schema.anyOf.flatMap(alternatives) : [schema];
}

function childOf(schema: JsonSchema, key: PropertyKey): JsonSchema | undefined {
  if (typeof key === 'number') {
    const items = schema.items;
    return isList(items) ? items[key] : items;
  }
  if (typeof key === 'symbol') return undefined;
  const named = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  if (named) return named;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

const isList = (items: JsonSchema['items']): items is readonly JsonSchema[] => Array.isArray(items);
