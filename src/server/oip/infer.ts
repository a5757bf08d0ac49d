/**
 * One inference of the Open Inference Protocol. Beside the tensors of the graph a model has two more outputs for clients that send an
 * encoded picture: what all other APIs answer, as tensors.
 */
import { z } from 'zod';
import { FramegateError } from '../../lib/errors.ts';
import type { Engine } from '../engine.ts';
import type { Lease } from '../entry.ts';
import { check, detectOptions } from '../request-options.ts';
import type { RequestWait } from '../request-wait.ts';
import type { TensorSpec } from '../tensor.ts';
import { floatTensor, type OutputTensor, type TextTensor } from './answer.ts';
import type { OipRequest } from './request.ts';

/** FP32 [n, 6]: x1, y1, x2, y2 in pixels of the picture, score, class; best first. */
const DETECTIONS = 'framegate_detections';
/** BYTES [n]: the label of each row. */
const LABELS = 'framegate_labels';

const COLUMNS = 6;

/** The inputs and outputs that a model's metadata shows. */
export function portsOf({ entry }: Lease): { inputs: readonly Port[]; outputs: readonly Port[] } {
  const { about, runner } = entry;
  const extra: Port[] = [
    { name: DETECTIONS, datatype: 'FP32', shape: [-1, COLUMNS] },
    { name: LABELS, datatype: 'BYTES', shape: [-1] },
  ];
  if (runner) return { inputs: [{ name: 'image', datatype: 'BYTES', shape: [1] }], outputs: extra };
  return { inputs: about.inputs, outputs: [...about.outputs, ...extra] };
}

type Port = Omit<TensorSpec, 'datatype'> & { readonly datatype: TensorSpec['datatype'] | 'BYTES' };

/** Throws ERR_INFERENCE_REJECTED for outputs that the model does not have. */
export async function infer(
  engine: Engine,
  lease: Lease,
  request: OipRequest,
  wait: RequestWait,
): Promise<readonly OutputTensor[]> {
  const { about, runner } = lease.entry;
  const graph = about.outputs.map(({ name }) => name);
  const usual = runner ? [DETECTIONS, LABELS] : graph;
  const wanted = request.outputs ?? usual.map((name) => ({ name, isBinary: request.isBinary }));
  for (const { name } of wanted) {
    if (![...graph, DETECTIONS, LABELS].includes(name)) throw rejected(`the model has no output ${name}`);
  }
  const seen = wanted.some(({ name }) => name === DETECTIONS || name === LABELS)
    ? await detections(engine, lease, request, wait)
    : [];
  const raw = wanted.map(({ name }) => name).filter((name) => graph.includes(name));
  const tensors = raw.length > 0 ? await engine.infer(lease, { inputs: request.inputs, outputs: raw }, wait) : [];
  const all = [...seen, ...tensors];
  return wanted.flatMap(({ name, isBinary }) => {
    const tensor = all.find((found) => found.name === name);
    return tensor ? [{ ...tensor, isBinary }] : [];
  });
}

async function detections(engine: Engine, lease: Lease, { inputs, parameters }: OipRequest, wait: RequestWait) {
  if (!(inputs instanceof Uint8Array))
    throw rejected(`${DETECTIONS} needs an encoded picture: datatype BYTES, shape [1]`);
  const options = check(z.object(detectOptions), parameters);
  const { picture, labels } = await engine.detect(
    lease,
    {
      image: inputs,
      options: {
        confidence: options.confidence,
        overlap: options.overlap,
        maxDetections: options.max_detections,
        classAgnostic: false,
      },
    },
    wait,
  );
  const { width, height } = picture;
  const rows = picture.detections.flatMap(({ box: [x, y, w, h], score, label }) => {
    return [x * width, y * height, (x + w) * width, (y + h) * height, score, labels.indexOf(label)];
  });
  const count = picture.detections.length;
  const texts: TextTensor = {
    name: LABELS,
    datatype: 'BYTES',
    shape: [count],
    texts: picture.detections.map(({ label }) => label),
  };
  return [floatTensor(DETECTIONS, [count, COLUMNS], rows), texts];
}

function rejected(message: string): FramegateError {
  return new FramegateError('ERR_INFERENCE_REJECTED', message, { retryable: false });
}
