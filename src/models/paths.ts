/**
 * The store on disk: `<directory>/<project>/<version>/{manifest.json,model.onnx}`, and `<directory>/.staging` for what is not there yet.
 */
import { join } from 'node:path';
import type { ModelManifest } from './manifest.ts';

export const MANIFEST_FILE = 'manifest.json';

/** Name of the model's file in its folder. */
export function modelFile({ file = 'model.onnx' }: Pick<ModelManifest, 'file'>): string {
  return file;
}

/** No project can have this name: names do not start with a dot. */
export function stagingFolder(directory: string): string {
  return join(directory, '.staging');
}
