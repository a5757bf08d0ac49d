import { fileURLToPath } from 'node:url';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { type io, ready, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';

const WASM_FOLDER = fileURLToPath(
  new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/', import.meta.url),
);

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: ReadonlyArray<{ readonly weights: io.WeightsManifestEntry[] }>;
}

/** Loads a graph model in TensorFlow.js itself, the reference for our conversion. */
export async function loadReference(modelJson: string, weights: Buffer): Promise<GraphModel> {
  setWasmPaths(WASM_FOLDER);
  await setBackend('wasm');
  await ready();
  const { modelTopology, weightsManifest } = JSON.parse(modelJson) as ModelJson;
  return loadGraphModel({
    load: async () => ({
      modelTopology,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      weightData: new Uint8Array(weights).buffer,
    }),
  });
}

/** Runs it on a picture (values 0..255, shape [1, height, width, 3]). */
export async function runReference(
  model: GraphModel,
  pixels: Uint8Array,
  shape: number[],
  output: string,
): Promise<number[]> {
  const result = model.execute(tensor(Float32Array.from(pixels), shape), output) as Tensor;
  return [...(await result.data())];
}
