import { z } from 'zod';
import { duration } from '../lib/units.ts';

/** Where a single target is when nothing is said. */
const DEFAULT_URL = 'http://localhost:9001';

export const modelRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*\/[a-z0-9][a-z0-9_.-]*$/i, 'expected project/version, such as coco/1')
  .meta({
    description: 'Model to ask, as project/version. Changing the version switches between two frames.',
    examples: ['coco/1'],
  });

const serverUrl = z.url({ protocol: /^https?$/, error: 'expected a URL that starts with http:// or https://' });

const api = z.enum(['roboflow', 'oip-v2', 'deepstack']);

const encoding = z.enum(['base64', 'multipart']);

const labels = z.array(z.string().min(1));

const PRICE = /^(\d+(?:\.\d+)?) +(\S{1,8})$/;

const price = z
  .string()
  .regex(PRICE, 'expected an amount and a currency, such as 1.50 EUR')
  .transform((text) => {
    const [, amount = '0', currency = ''] = PRICE.exec(text) ?? [];
    return { per1000: Number(amount), currency };
  });

const apiKey = z.string().min(1);

const target = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'What it is called in status and metrics. Default: host and port of `url`.' }),
  url: serverUrl.meta({ description: 'Base URL of the server.' }),
  model: modelRef.optional().meta({ description: 'Model to ask there. Default: `inference.model`.' }),
  api: api.optional().meta({ description: 'Default: `inference.api`.' }),
  apiKey: apiKey.optional().meta({ description: 'Key of this server; no other gets it.' }),
  encoding: encoding.optional().meta({ description: 'Default: `inference.encoding`.' }),
  labels: labels.optional().meta({ description: 'Default: `inference.labels`.' }),
  price: price.optional().meta({ description: 'What 1000 requests cost there, such as `1.50 EUR`.' }),
});

/** One server that can be asked, with everything that is inherited filled in. */
export interface TargetConfig {
  readonly name: string;
  readonly url: string;
  /** Undefined: the model that all targets are asked for. */
  readonly model?: string | undefined;
  readonly api: z.output<typeof api>;
  readonly apiKey?: string | undefined;
  readonly encoding: z.output<typeof encoding>;
  /** Names of classes by number. */
  readonly labels: readonly string[];
  readonly price?: Price | undefined;
}

export interface Price {
  readonly per1000: number;
  readonly currency: string;
}

export const inferenceConfig = z
  .strictObject({
    url: serverUrl.optional().meta({
      description: `Base URL of the inference microservice or of another server, local or remote. Default: ${DEFAULT_URL}.`,
    }),
    model: modelRef.default('coco/1'),
    api: api.default('roboflow').meta({
      description:
        'What the server speaks: `roboflow` (the standard inference API, our own service too), `oip-v2` (Triton, OpenVINO Model Server, KServe) or `deepstack` (DeepStack, CodeProject.AI).',
    }),
    apiKey: apiKey
      .optional()
      .meta({ description: 'Key of a hosted service; best taken from the environment: `${NAME}`.' }),
    encoding: encoding.default('base64').meta({
      description:
        'How the JPEG travels with the standard API; multipart is a quarter smaller, base64 is understood by every server.',
    }),
    labels: labels.default([]).meta({
      description: 'Names of classes by number, the first for 0: for `oip-v2` servers that answer numbers only.',
    }),
    price: price.optional().meta({ description: 'What 1000 requests cost, such as `1.50 EUR`: for the cost account.' }),
    targets: z.array(target).max(8).default([]).meta({
      description:
        'Several servers instead of `url`, best first: the next one is asked when one fails. Each has url, and optionally name, model, api, apiKey, encoding, labels, price.',
    }),
    deadline: duration({ min: '100ms', max: '5m' })
      .prefault('5s')
      .meta({ description: 'A frame that is not answered this long after it was captured is `unknown`.' }),
    concurrency: z.int().min(1).max(64).default(8).meta({
      description:
        'Most requests under way at once, all cameras together. It begins with one, and goes up only as long as that makes no queue at the server.',
    }),
    hedge: duration({ min: '50ms', max: '1m' }).optional().meta({
      description:
        'When a target has not answered after this long, the next one is asked as well and the first answer counts; at most for one frame in twenty. Off unless set.',
    }),
    crop: z.enum(['auto', 'off']).default('auto').meta({
      description:
        'auto: when what moves is small against the picture, only a square around it is sent, so that small objects are found; off: always the whole picture.',
    }),
    confidence: z
      .number()
      .min(0)
      .max(1)
      .default(0.4)
      .meta({ description: 'Detections below this score are not reported.' }),
    overlap: z
      .number()
      .min(0)
      .max(1)
      .default(0.3)
      .meta({ description: 'Boxes of one label that overlap more than this (IoU) are one object.' }),
  })
  .superRefine((config, context) => {
    if (config.targets.length === 0) return;
    for (const key of ['url', 'apiKey', 'price'] as const) {
      if (config[key] === undefined) continue;
      context.addIssue({ code: 'custom', path: [key], message: 'put it into the targets: they stand in its place' });
    }
    const names = config.targets.map(nameOf);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      const message = `two targets are called ${name}: give each a name of its own`;
      context.addIssue({ code: 'custom', path: ['targets', index, 'name'], message });
    });
  })
  .transform(({ url = DEFAULT_URL, api, apiKey, encoding, labels, price, targets, ...shared }) => {
    const single = { url, apiKey, price };
    const listed: ReadonlyArray<z.output<typeof target>> = targets.length > 0 ? targets : [single];
    const all = listed.map(
      (one): TargetConfig => ({
        name: nameOf(one),
        url: one.url,
        model: one.model,
        api: one.api ?? api,
        apiKey: one.apiKey,
        encoding: one.encoding ?? encoding,
        labels: one.labels ?? labels,
        price: one.price,
      }),
    );
    return {
      ...shared,
      /** Of the first target. */
      url: all[0]?.url ?? url,
      /** At least one, best first. */
      targets: all as readonly TargetConfig[],
    };
  })
  .prefault({})
  .meta({ description: 'The vision model behind its API.' });

export type InferenceConfig = z.output<typeof inferenceConfig>;

function nameOf({ name, url }: { readonly name?: string | undefined; readonly url: string }): string {
  return name ?? new URL(url).host;
}
