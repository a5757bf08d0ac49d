import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { CameraSpec, CameraView, ServeReply, ServeRequest } from './protocol.ts';

/** Cameras that are played by a process of their own. */
export interface Cameras extends AsyncDisposable {
  readonly urls: readonly string[];
  /** Camera number `camera` goes on with `file`, without a seam; resolves with the moment of its first frame, in ms since the epoch. */
  switchTo(camera: number, file: string): Promise<number>;
  look(): Promise<readonly CameraView[]>;
}

type Question<R = ServeRequest> = R extends ServeRequest ? Omit<R, 'id'> : never;

export async function openCameras(specs: readonly CameraSpec[]): Promise<Cameras> {
  const child = fork(new URL('serve.js', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const waiting = new Map<number, (reply: ServeReply) => void>();
  child.on('message', (reply: ServeReply) => waiting.get(reply.id)?.(reply));
  let asked = 0;
  const ask = async (question: Question): Promise<ServeReply> => {
    const id = asked++;
    const answered = new Promise<ServeReply>((resolve) => waiting.set(id, resolve));
    child.send({ ...question, id });
    const reply = await Promise.race([
      answered,
      exited.then(() => {
        throw new Error('the process that plays the cameras ended');
      }),
    ]);
    waiting.delete(id);
    if (reply.error) throw new Error(reply.error);
    return reply;
  };
  const { cameras } = await ask({ ask: 'open', cameras: specs });
  return {
    urls: cameras.map(({ url }) => url),
    look: async () => (await ask({ ask: 'look' })).cameras,
    switchTo: async (camera, file) => {
      const reply = await ask({ ask: 'switch', camera, file });
      return reply.time - (reply.cameras[camera]?.position ?? 0) * 1000;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
