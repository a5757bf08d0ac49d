import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { InstalledModel } from '../../src/models/installed.ts';
import type { ModelStore } from '../../src/models/store.ts';

/** YOLOX nano where `folder` has its file, else `coco/1`, which the store has. */
export async function installModel(store: ModelStore, folder: string | undefined): Promise<InstalledModel> {
  const coco = await store.find('coco/1');
  const file = folder && join(folder, 'yolox_nano.onnx');
  if (!file || !existsSync(file)) return coco;
  const bytes = await readFile(file);
  const manifest = {
    ...coco.manifest,
    name: 'yolox/1',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    decoder: 'yolox',
    input: { width: 416, height: 416, layout: 'nchw', type: 'float32', colour: 'bgr', fit: 'letterbox', pad: 114 },
  } as const;
  return store.install(manifest, file);
}

/** A photograph of people, in the size of a camera's sub stream, as JPEG. */
export async function cameraPicture(width: number, height: number): Promise<Buffer> {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve('@vladmandic/human')));
  return sharp(join(folder, 'assets', 'samples.jpg'))
    .resize(width, height)
    .jpeg({ quality: 80 })
    .toBuffer();
}

const BOUNDARY = 'framegate-bench';

/** The body of a multipart request, as the gateway sends it. */
export function multipartOf(jpeg: Buffer): { readonly body: Buffer; readonly contentType: string } {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="frame.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), jpeg, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
  return { body, contentType: `multipart/form-data; boundary=${BOUNDARY}` };
}
