/**
 * The process that plays the cameras: started by `openCameras`, so that its cost is not mixed up with that of its clients.
 */
import { readFile } from 'node:fs/promises';
import { openRtspCamera, type RtspCamera } from '../../../src/demo/rtsp-camera/rtsp-camera.ts';
import { sleep } from '../../../src/lib/abort.ts';
import type { CameraSpec, ServeReply, ServeRequest } from './protocol.ts';

/** A file is changed for another one this long before the next keyframe is due: between two frames at any rate. */
const BEFORE_KEYFRAME_SECONDS = 0.02;

interface Played {
  readonly camera: RtspCamera;
  readonly gopSeconds: number;
}

const cameras: Played[] = [];
const contents = new Map<string, Promise<Buffer>>();

function content(file: string): Promise<Buffer> {
  const known = contents.get(file) ?? readFile(file);
  contents.set(file, known);
  return known;
}

async function open({ file, fps, gopSeconds, phase }: CameraSpec): Promise<void> {
  cameras.push({ gopSeconds, camera: await openRtspCamera({ file: await content(file), codec: 'h264', fps, phase }) });
}

async function switchTo({ camera, gopSeconds }: Played, file: string): Promise<void> {
  const next = await content(file);
  const left = gopSeconds - (camera.position % gopSeconds) - BEFORE_KEYFRAME_SECONDS;
  await sleep((left > 0 ? left : left + gopSeconds) * 1000);
  await camera.faults.switchFile(next);
}

async function answer(request: ServeRequest): Promise<ServeReply> {
  if (request.ask === 'open') {
    for (const spec of request.cameras) await open(spec);
  }
  if (request.ask === 'switch') {
    const played = cameras[request.camera];
    if (played) await switchTo(played, request.file);
  }
  const time = Date.now();
  const views = cameras.map(({ camera }) => ({
    url: camera.url,
    clients: camera.clients,
    closedAsSlow: camera.stats.closedAsSlow,
    accepted: camera.stats.accepted,
    position: camera.position,
  }));
  return { id: request.id, time, cameras: views };
}

process.on('message', (request: ServeRequest) => {
  void answer(request)
    .catch((error: unknown): ServeReply => ({ id: request.id, time: Date.now(), cameras: [], error: String(error) }))
    .then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
