/**
 * `coco/1`: an object detector that needs no download, converted from the TensorFlow.js model in an npm package that is installed with
 * this program. The same package gives the same file, byte for byte.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { FramegateError } from '../lib/errors.ts';
import { type BuildEntry, findEntry, loadCatalogue } from './catalogue.ts';
import { explainDiskError } from './files.ts';
import type { InstalledModel } from './installed.ts';
import { encodeModel } from './onnx/model.ts';
import type { OnProgress } from './progress.ts';
import type { ModelStore } from './store.ts';
import { convertGraph } from './tfjs/convert.ts';
import { parseGraph } from './tfjs/graph.ts';
import { readWeights } from './tfjs/weights.ts';

const PACKAGE = '@vladmandic/human';
const DETECTIONS = 100;

const packageFile = z.looseObject({ version: z.string() });

export interface BuildCoco {
  readonly store: ModelStore;
  readonly signal: AbortSignal;
  /** In steps. */
  readonly onProgress?: OnProgress;
}

/**
 * Builds and installs `coco/1`. Input `images` u8 [1, 512, 512, 3] RGB; output `detections` f32 [100, 6]: x1, y1, x2, y2 in pixels of the
 * input, score 0..1, class; best first, overlaps not yet removed. Throws ERR_MODEL_NOT_FOUND when the npm package is missing,
 * ERR_MODEL_UNSUPPORTED when it holds a model that the converter does not know, ERR_DISK_FULL.
 */
export async function buildCoco({ store, signal, onProgress }: BuildCoco): Promise<InstalledModel> {
  const entry = findEntry(await loadCatalogue(), 'coco') as BuildEntry;
  const original = await readOriginal();
  onProgress?.(1, 3);
  signal.throwIfAborted();
  const bytes = convertCoco(original, entry);
  onProgress?.(2, 3);
  signal.throwIfAborted();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const source = `npm:${PACKAGE}@${original.version}`;
  const manifest = { schema: 1, name: entry.name, sha256, bytes: bytes.length, source, ...entry.description } as const;
  const file = join(store.staging, `build-${randomUUID()}.onnx`);
  try {
    await mkdir(store.staging, { recursive: true });
    await writeFile(file, bytes);
    const model = await store.install(manifest, file);
    onProgress?.(3, 3);
    return model;
  } catch (error) {
    throw explainDiskError(error, file);
  } finally {
    await rm(file, { force: true });
  }
}

function convertCoco({ json, weights }: Original, entry: BuildEntry): Buffer {
  const { width, height } = entry.description.input;
  const graph = parseGraph(json, `models/centernet.json of ${PACKAGE}`);
  const images = { name: 'images', type: 'uint8', shape: [1, height, width, 3] } as const;
  const detections = { name: 'detections', type: 'float32', shape: [DETECTIONS, 6] } as const;
  return encodeModel(
    convertGraph({
      graph,
      constants: readWeights(graph.weights, weights),
      input: { node: 'tower_0/images', port: images },
      output: { node: 'tower_0/detections', port: detections },
    }),
  );
}

interface Original {
  readonly version: string;
  readonly json: string;
  readonly weights: Buffer;
}

async function readOriginal(): Promise<Original> {
  try {
    const require = createRequire(import.meta.url);
    // The entry point is a file in `dist`; package.json itself is not among the exports.
    const folder = dirname(dirname(require.resolve('@vladmandic/human')));
    const { version } = packageFile.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    const json = await readFile(join(folder, 'models', 'centernet.json'), 'utf8');
    return { version, json, weights: await readFile(join(folder, 'models', 'centernet.bin')) };
  } catch (error) {
    throw new FramegateError('ERR_MODEL_NOT_FOUND', `the npm package ${PACKAGE} is not installed, or not all of it`, {
      cause: error,
      hint: `run "npm install ${PACKAGE}" beside this program, or "framegate model pull yolox-nano"`,
      retryable: false,
    });
  }
}
