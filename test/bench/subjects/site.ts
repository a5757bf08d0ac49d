/**
 * What a gateway talks to besides cameras: a broker that listens closely and a model that sees nothing.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openBroker } from '../../../src/demo/broker.ts';

/** Something that a gateway said about one camera. */
export interface Told {
  /** When it arrived, in ms since the epoch. */
  readonly at: number;
  /** The gate opened or closed, or a frame was triggered, answered or not. */
  readonly what: 'opened' | 'closed' | 'triggered';
  /** Of a triggered frame: when it was captured, in ms since the epoch. */
  readonly captured: number;
}

export interface Site extends AsyncDisposable {
  readonly mqttUrl: string;
  readonly inferenceUrl: string;
  /** All that gateway `id` said about `camera` so far, in order. */
  told(id: string, camera: string): readonly Told[];
}

export async function openSite(): Promise<Site> {
  const broker = await openBroker();
  const inference = await openInference();
  const told = new Map<string, Told[]>();
  broker.onMessage((topic, payload) => {
    const [, id, camera, subject] = topic.split('/');
    const news = subject && understand(subject, payload.toString());
    if (!news) return;
    const key = `${id}/${camera}`;
    told.set(key, [...(told.get(key) ?? []), { at: Date.now(), ...news }]);
  });
  return {
    mqttUrl: broker.url,
    inferenceUrl: inference.url,
    told: (id, camera) => told.get(`${id}/${camera}`) ?? [],
    [Symbol.asyncDispose]: async () => {
      await broker[Symbol.asyncDispose]();
      await inference[Symbol.asyncDispose]();
    },
  };
}

function understand(subject: string, text: string): Omit<Told, 'at'> | undefined {
  if (subject === 'motion') return { what: text === 'ON' ? 'opened' : 'closed', captured: 0 };
  if (subject !== 'detections') return undefined;
  return { what: 'triggered', captured: Date.parse((JSON.parse(text) as { time: string }).time) };
}

async function openInference(): Promise<AsyncDisposable & { readonly url: string }> {
  const nothing = { inference_id: 'bench', time: 0, image: { width: 1920, height: 1080 }, predictions: [] };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url?.endsWith('/readiness') ? { status: 'ready' } : nothing));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
