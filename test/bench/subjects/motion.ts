import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from './child.ts';
import type { Feed, RunningSubject, Subject } from './subject.ts';

const run = promisify(execFile);

/** Debian's `motion` daemon: detects, and writes nothing. Undefined when it is not installed. */
export async function motionDaemon(folder: string): Promise<Subject | undefined> {
  // It has no option that only tells the version: -h tells it and exits with an error.
  const { stdout } = await run('motion', ['-h']).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }));
  const version = /motion Version (\S+?),?\s/i.exec(stdout)?.[1];
  if (!version) return undefined;
  return {
    name: 'motion',
    label: `motion ${version}: detection in the camera's own size`,
    cameras: 1,
    learns: false,
    start: (feeds, id) => start(feeds, join(folder, id)),
  };
}

async function start([feed]: readonly Feed[], place: string): Promise<RunningSubject> {
  if (!feed) throw new Error('no camera given');
  await mkdir(place, { recursive: true });
  const config = join(place, 'motion.conf');
  await writeFile(config, configOf(feed, place));
  const child = await startChild('motion', ['-n', '-c', config], `${place}.log`);
  return Object.assign(child, { pids: [child.pid], status: async () => ({}) });
}

function configOf({ url, recording }: Feed, place: string): string {
  const { width, height, fps } = recording.kind;
  const settings: Readonly<Record<string, string | number>> = {
    daemon: 'off',
    setup_mode: 'off',
    log_level: 4,
    target_dir: place,
    netcam_url: url,
    netcam_params: 'rtsp_transport=tcp',
    width,
    height,
    framerate: fps,
    picture_output: 'off',
    movie_output: 'off',
    snapshot_interval: 0,
    webcontrol_port: 0,
    stream_port: 0,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key} ${value}\n`)
    .join('');
}
