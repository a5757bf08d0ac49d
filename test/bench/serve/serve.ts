/**
 * The process that plays the cameras: started by `openCameras`, so that its cost is not mixed up with that of its clients.
 */
import { readFile } from 'node:fs/promises';
import { openRtspCamera, type RtspCamera } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import type { CameraSpec, ServeReply, ServeRequest } from './protocol.ts';

const cameras: RtspCamera[] = [];
const contents = new Map<string, Promise<Buffer>>();

function content(file: string): Promise<Buffer> {
  const known = contents.get(file) ?? readFile(file);
  contents.set(file, known);
  return known;
}

async function open({ file, fps, phase }: CameraSpec): Promise<void> {
  cameras.push(await openRtspCamera({ file: await content(file), codec: 'h264', fps, phase }));
}

async function answer(request: ServeRequest): Promise<ServeReply> {
  if (request.ask === 'open') {
    for (const spec of request.cameras) await open(spec);
  }
  if (request.ask === 'switch') {
    const camera = cameras[request.camera];
    await camera?.faults.switchFile(await content(request.file));
  }
  const time = Date.now();
  const views = cameras.map((camera) => ({
    url: camera.url,
    clients: camera.clients,
    closedAsSlow: camera.stats.closedAsSlow,
    accepted: camera.stats.accepted,
    position: camera.position,
  }));
  return { time, cameras: views };
}

process.on('message', (request: ServeRequest) => {
  void answer(request)
    .catch((error: unknown): ServeReply => ({ time: Date.now(), cameras: [], error: String(error) }))
    .then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
