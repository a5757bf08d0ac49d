import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Course } from '../rows/events.ts';
import type { Result } from '../rows/result.ts';
import { svg } from './plot.ts';

/** Samples of CPU that one point of a curve is the mean of: the clock of /proc is too coarse for less. */
const SMOOTHING = 2;

/** Writes the plots of which something was measured, and gives their paths. */
export async function writePlots(
  folder: string,
  results: readonly Result[],
  courses: readonly Course[],
): Promise<string[]> {
  const files: string[] = [];
  const write = async (name: string, content: string) => {
    const file = join(folder, name);
    await writeFile(file, content);
    files.push(file);
  };
  const scale = results.filter(({ row, cost }) => row.startsWith('scale-') && cost);
  if (scale.length > 0) await write('cost-by-cameras.svg', costByCameras(scale));
  if (courses.length > 0) await write('cpu-over-time.svg', cpuOverTime(courses));
  return files;
}

function costByCameras(results: readonly Result[]): string {
  const full = results.filter(({ subject }) => subject === 'full').flatMap(({ cores }) => cores ?? []);
  const perCamera = full.reduce((sum, cores) => sum + cores, 0) / full.length;
  const counts = [...new Set(results.filter(({ subject }) => subject !== 'full').map(({ cameras }) => cameras))];
  const gateways = (['auto', 'always'] as const).flatMap((mode) => {
    const own = results.filter(({ subject }) => subject === mode);
    if (own.length === 0) return [];
    const points = own.map(({ cameras, cores = 0 }) => [cameras, cores] as const);
    return [{ name: `framegate, decode.mode ${mode}`, points, dots: true }];
  });
  return svg({
    title: 'Idle cameras, 1080p at 15 frames a second over RTSP',
    x: 'cameras',
    y: 'cores',
    series: [
      ...gateways,
      {
        name: 'ffmpeg, full decode (one camera measured, the others computed)',
        points: [0, ...counts].map((count) => [count, count * perCamera]),
      },
    ],
  });
}

function cpuOverTime(courses: readonly Course[]): string {
  return svg({
    title: 'CPU of a gateway with one camera; shaded: somebody is in the picture',
    x: 'seconds',
    y: 'cores',
    shaded: courses[0]?.truth ?? [],
    series: courses.map(({ mode, cost }) => ({ name: `decode.mode ${mode}`, points: smooth(cost.course) })),
  });
}

function smooth(course: Course['cost']['course']): Array<[number, number]> {
  const points: Array<[number, number]> = [];
  for (let index = SMOOTHING - 1; index < course.length; index += SMOOTHING) {
    const some = course.slice(index - SMOOTHING + 1, index + 1);
    points.push([course[index]!.at, some.reduce((sum, { cores }) => sum + cores, 0) / some.length]);
  }
  return points;
}
