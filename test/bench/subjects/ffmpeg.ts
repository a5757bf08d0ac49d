import { join } from 'node:path';
import type { FfmpegBuild } from '../../../src/ffmpeg/build.ts';
import { startChild } from './child.ts';
import type { Subject } from './subject.ts';

/** What every gateway that decodes everything has to pay at least: all frames decoded, five a second made small and gray. */
export function fullDecode(build: FfmpegBuild, folder: string): Subject {
  const scale = 'fps=5,scale=320:180:flags=fast_bilinear,format=gray';
  // More threads cost a tenth more.
  const arguments_ = {
    input: ['-threads', '1'],
    output: ['-an', '-filter_threads', '1', '-vf', scale, '-f', 'rawvideo'],
  };
  const label = `ffmpeg ${build.version}: decode all, 320x180 gray at 5 fps, one thread`;
  return ffmpeg({ name: 'full', label, cameras: 1 }, build, arguments_, folder);
}

/** What it costs just to receive. */
export function bareReceiving(build: FfmpegBuild, folder: string): Subject {
  const arguments_ = { input: [], output: ['-map', '0:v:0', '-c', 'copy', '-f', 'null'] };
  // So little that the clock of /proc needs several of them to tell it.
  return ffmpeg(
    { name: 'copy', label: `ffmpeg ${build.version}: -c copy to nowhere`, cameras: 4 },
    build,
    arguments_,
    folder,
  );
}

/** One process per camera. */
function ffmpeg(
  subject: Omit<Subject, 'start' | 'learns'>,
  { path }: FfmpegBuild,
  { input, output }: { readonly input: readonly string[]; readonly output: readonly string[] },
  folder: string,
): Subject {
  const common = ['-v', 'error', '-nostdin', ...input, '-rtsp_transport', 'tcp'];
  return {
    ...subject,
    learns: false,
    start: async (feeds, id) => {
      const log = join(folder, `${id}.log`);
      const children = await Promise.all(
        feeds.map(({ url }) => startChild(path, [...common, '-i', url, ...output, '-y', '/dev/null'], log)),
      );
      return {
        pids: children.map(({ pid }) => pid),
        status: async () => ({}),
        [Symbol.asyncDispose]: async () => {
          await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
        },
      };
    },
  };
}
