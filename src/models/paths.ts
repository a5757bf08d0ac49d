/**
 * The store on disk: `<directory>/<project>/<version>/{manifest.json,model.onnx}`, and `<directory>/.staging` for what is not there yet.
 */
import { join } from 'node:path';

export const MANIFEST_FILE = 'manifest.json';
export const MODEL_FILE = 'model.onnx';

/** No project can have this name: names do not start with a dot. */
export function stagingFolder(directory: string): string {
  return join(directory, '.staging');
}
