/**
 * The Open Inference Protocol v2 over HTTP: Triton, OpenVINO Model Server, KServe and our own microservice. The picture goes as JPEG bytes, which the
 * server decodes: OpenVINO's does so for any input of four dimensions, Triton's with a model or ensemble that takes encoded pictures.
 *
 * Sources: open-inference-protocol `specification/protocol/inference_rest.md`, triton-inference-server
 * `docs/protocol/extension_binary_data.md` and `extension_schedule_policy.md`, OpenVINO model_server `docs/binary_input_kfs.md`.
 */
import { z } from 'zod';
import { type Failure, type HttpAnswer, parseJson, said } from '../failure.ts';
import type { HttpTarget } from '../http-target.ts';
import { jpegSize } from '../jpeg-size.ts';
import { askAbout, type CreateAdapter, exchange, type Question } from './adapter.ts';
import { describePorts, findLayout, type Layout, type Port } from './oip-layouts.ts';
import { JSON_LENGTH_HEADER, readTensors } from './oip-tensors.ts';

const port = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.coerce.number()) });
const metadata = z.object({
  platform: z.string().optional(),
  inputs: z.array(port).min(1),
  outputs: z.array(port).min(1),
});

/** What Triton calls the models that it runs itself; it gives them tensors as they come, and decodes nothing. */
const TRITON = /^(tensorrt_plan|onnxruntime_onnx|pytorch_|tensorflow_|ensemble)/;

/** How a model wants to be asked, by its metadata. */
interface Ports {
  readonly input: Port;
  readonly layout: Layout;
}

export const oipV2: CreateAdapter = (http, { apiKey, labels }) => {
  const known = new Map<string, Ports>();
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return {
    healthPath: '/v2/health/ready',
    async ask(question, signal) {
      const ports = known.get(question.model) ?? (await learn(http, question.model, headers, signal));
      if ('reason' in ports) return ports;
      known.set(question.model, ports);
      const size = jpegSize(question.jpeg);
      if (!size) return { reason: 'rejected', message: `the picture for ${http.display} is no JPEG` };
      const { json, body } = encode(ports, question);
      const request = {
        method: 'POST',
        path: `${modelPath(question.model)}/infer`,
        headers: { ...headers, 'content-type': 'application/octet-stream', [JSON_LENGTH_HEADER]: String(json.length) },
        body,
      } as const;
      const outcome = await askAbout(http, request, question, signal, (answer) => {
        const tensors = readTensors(answer.body, answer.headers[JSON_LENGTH_HEADER]);
        if ('problem' in tensors) return { problem: `${tensors.problem}${said(answer.body.toString(), http.clean)}` };
        const input = inputSize(ports.input);
        return ports.layout.read(tensors.tensors, { picture: size, input, labels, minScore: question.confidence });
      });
      // The model may have been replaced by another of that name.
      if ('reason' in outcome && ['rejected', 'bad_answer', 'model_not_found'].includes(outcome.reason))
        known.delete(question.model);
      return outcome;
    },
  };
};

async function learn(
  http: HttpTarget,
  model: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Ports | Failure> {
  const path = modelPath(model);
  const who = `${http.display}${path}`;
  return exchange(http, { method: 'GET', path, headers }, signal, ({ body }: HttpAnswer): Ports | Failure => {
    const read = metadata.safeParse(parseJson(body.toString()));
    if (!read.success)
      return {
        reason: 'bad_answer',
        message: `${who} sent no metadata of a model${said(body.toString(), http.clean)}`,
      };
    const { inputs, outputs, platform = '' } = read.data;
    const layout = findLayout(outputs);
    const [input, ...others] = inputs;
    if (!input || others.length > 0 || !takesJpeg(input)) {
      const message = `${who} takes ${describePorts(inputs)}, no JPEG (put a step before it that decodes pictures)`;
      return { reason: 'bad_answer', message };
    }
    // Our own service says so of its models as well, and decodes.
    if (TRITON.test(platform) && !layout?.takesThresholds && input.datatype.startsWith('FP')) {
      const message = `${who} takes ${describePorts(inputs)}, a tensor and no picture (put an ensemble with a decoding step before it, or serve the model's file with framegate serve)`;
      return { reason: 'bad_answer', message };
    }
    if (layout) return { input, layout };
    const message = `${who} answers ${describePorts(outputs)}, which is no known form of detections (export the model with its post-processing, or serve it with framegate serve)`;
    return { reason: 'bad_answer', message };
  });
}

/** Versions of Triton and OpenVINO are numbers; any other, such as `coco/latest`, leaves the choice to the server. */
function modelPath(model: string): string {
  const [name = '', version = ''] = model.split('/');
  const path = `/v2/models/${encodeURIComponent(name)}`;
  return /^\d+$/.test(version) ? `${path}/versions/${version}` : path;
}

const isEncodedBytes = ({ datatype, shape }: Port) => datatype === 'UINT8' && shape.length <= 2;

function takesJpeg(input: Port): boolean {
  return input.datatype === 'BYTES' || input.shape.length === 4 || isEncodedBytes(input);
}

function encode({ input, layout }: Ports, question: Question) {
  const { jpeg, remainingMs, confidence, overlap } = question;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(jpeg.length);
  const asBytes = isEncodedBytes(input);
  const tensor = asBytes ? [jpeg] : [length, jpeg];
  const shape = asBytes ? [jpeg.length] : [1];
  // A batch axis.
  if (input.shape.length === 2) shape.unshift(1);
  const json = Buffer.from(
    JSON.stringify({
      // Microseconds, by Triton's schedule policy extension.
      parameters: { timeout: Math.floor(remainingMs * 1000), ...(layout.takesThresholds && { confidence, overlap }) },
      inputs: [
        {
          name: input.name,
          shape,
          datatype: asBytes ? 'UINT8' : 'BYTES',
          parameters: { binary_data_size: tensor.reduce((sum, part) => sum + part.length, 0) },
        },
      ],
      outputs: layout.outputs.map((name) => ({ name, parameters: { binary_data: true } })),
    }),
  );
  return { json, body: Buffer.concat([json, ...tensor]) };
}

/** Of the model's own input, for boxes in its pixels; undefined where it takes any size. */
function inputSize({ shape, datatype }: Port) {
  if (shape.length !== 4 || datatype === 'BYTES') return undefined;
  const [, a = 0, b = 0, c = 0] = shape;
  const isChannelsLast = c === 3 || c === 1;
  const [height, width] = isChannelsLast ? [a, b] : [b, c];
  return height > 0 && width > 0 ? { width, height } : undefined;
}
