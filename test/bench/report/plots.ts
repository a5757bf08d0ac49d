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
  const most = Math.max(...results.map(({ cameras }) => cameras));
  const computed = (subject: Result['subject'], name: string) => {
    const own = results.filter((result) => result.subject === subject);
    const total = own.reduce((sum, { cores = 0 }) => sum + cores, 0);
    const perCamera = total / own.reduce((sum, { cameras }) => sum + cameras, 0);
    const points = [0, most].map((count) => [count, count * perCamera] as const);
    const measured = [...new Set(own.map(({ cameras }) => cameras))].join(' and ');
    return own.length === 0 ? [] : [{ name: `${name} (measured with ${measured})`, points }];
  };
  const adaptive = results.filter(({ subject }) => subject === 'auto');
  return svg({
    title: 'Idle cameras, 1080p at 15 frames a second over RTSP',
    x: 'cameras',
    y: 'cores',
    series: [
      {
        name: 'framegate, decode.mode auto',
        points: adaptive.map(({ cameras, cores = 0 }) => [cameras, cores]),
        dots: true,
      },
      ...computed('always', 'framegate, decode.mode always'),
      ...computed('full', 'ffmpeg, full decode and scale'),
    ],
  });
}

function cpuOverTime(courses: readonly Course[]): string {
  return svg({
    title: 'CPU of a gateway with one camera, a picture per event for the model; shaded: somebody is there',
    x: 'seconds',
    y: 'cores',
    shaded: courses[0]?.truth ?? [],
    // In the colours of the other plot.
    series: courses
      .toSorted((a, b) => Number(b.mode === 'auto') - Number(a.mode === 'auto'))
      .map(({ mode, cost }) => ({ name: `decode.mode ${mode}`, points: smooth(cost.course) })),
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
