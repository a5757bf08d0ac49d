import type { Film } from '../film.ts';
import { all, walk } from './actors.ts';
import { exposureSwings, irSwitch, lamp, shake } from './camera.ts';
import { type Canvas, stamp } from './canvas.ts';
import { starved } from './encoder.ts';
import { corrupt, keyframesThenAll, lossy } from './faults.ts';
import { makeFilm, type Scene } from './make.ts';
import { bush, clock, water } from './nature.ts';
import { byNight, type Place, recordedPlace, yardPlace } from './place.ts';
import { car, cat, type Figures, loadFigures } from './sprite.ts';
import { clouds, headlights, insects, lightning, rain, snow, spiderWeb } from './weather.ts';

/** Who walks through most scenes, a quarter of the picture high, after half a minute. */
const LATE = { start: 32, end: 42, from: [-0.02, 0.85], to: [1.02, 0.8], height: 0.27 } as const;
const LATE_TRUTH = [[LATE.start, LATE.end]] as const;
const NIGHT_NOISE = 5;

/** The scenes of this benchmark. Fixed seeds: each run sees the same pixels. */
export async function madeFilms(): Promise<Film[]> {
  const figures = await loadFigures();
  const day = await yardPlace();
  const room = await recordedPlace('one-by-one-person-detection.mp4', 16 / 9, 0.4, 5);
  const tree = await recordedPlace('tree.avi', 4 / 3, 0, 22.6);
  const scenes = [
    ...(await calm(figures, day)),
    ...light(figures, day, room),
    ...weather(figures, day, room),
    ...nature(figures, day, tree),
    ...objects(figures, day),
    ...cameraFaults(figures, day, room),
  ];
  return scenes.map(makeFilm);
}

async function calm(figures: Figures, day: Place): Promise<Scene[]> {
  const late = walk(figures, LATE);
  const base = { place: day, seconds: 50, motion: LATE_TRUTH, paint: late };
  const leaves = bush(3, [0, 0.05, 0.35, 0.6], () => 0.7);
  return [
    { ...base, name: 'day' },
    { ...base, name: 'night, noisy', place: byNight(day), noise: 7, paint: walk(figures, { ...LATE, light: 0.5 }) },
    ...[2, 10, 15].map((fps) => ({
      ...base,
      name: `day, snow and leaves @${fps}`,
      fps,
      paint: (canvas: Canvas, seconds: number, still: Float32Array) => {
        leaves(canvas, seconds, still);
        late(canvas, seconds);
        snow(5, 50)(canvas, seconds);
      },
    })),
    { ...base, name: '4:3', place: await yardPlace(240, 180) },
    { ...base, name: 'portrait', place: await yardPlace(102, 180) },
    { ...base, name: 'keyframes each 2 s, then all', times: keyframesThenAll(50, 2, 5, LATE_TRUTH) },
    { ...base, name: 'keyframes each 8 s, then all', times: keyframesThenAll(50, 8, 5, LATE_TRUTH) },
    { ...base, name: 'keyframes each 1 s only', times: Array.from({ length: 50 }, (_, index) => index) },
  ];
}

function light(figures: Figures, day: Place, room: Place | undefined): Scene[] {
  const night = byNight(day);
  const late = walk(figures, LATE);
  const base = { place: day, seconds: 50, motion: LATE_TRUTH, paint: late };
  const flicker = all(late, lamp([10, 20, 26]));
  const flash = lightning([10, 12.2, 17, 24.4, 29, 36.2]);
  const sweep = headlights([9, 16, 25, 37]);
  const cloud = clouds([8, 22]);
  return [
    { ...base, name: 'IR on and off', camera: irSwitch(day, night, 15, 46), seconds: 60 },
    { ...base, name: 'IR switch while one walks', camera: irSwitch(day, night, 36, 90) },
    { ...base, name: 'exposure swings', camera: exposureSwings() },
    { ...base, name: 'a lamp goes on and off', paint: flicker },
    { ...base, name: 'lightning', place: night, noise: NIGHT_NOISE, paint: all(late, flash) },
    { ...base, name: 'headlights', place: night, noise: NIGHT_NOISE, paint: all(late, sweep) },
    { ...base, name: 'clouds', paint: all(late, cloud) },
    ...(room
      ? [
          { ...base, name: 'room: exposure swings', place: room, noise: 0, camera: exposureSwings() },
          { ...base, name: 'room: a lamp goes on and off', place: room, noise: 0, paint: flicker },
        ]
      : []),
  ];
}

function weather(figures: Figures, day: Place, room: Place | undefined): Scene[] {
  const night = byNight(day);
  const late = walk(figures, LATE);
  const dim = walk(figures, { ...LATE, light: 0.55 });
  const base = { place: day, seconds: 50, motion: LATE_TRUTH };
  const dark = { ...base, place: night, noise: NIGHT_NOISE };
  return [
    { ...base, name: 'snow', paint: all(late, snow(5)) },
    { ...dark, name: 'snow by night', paint: all(dim, snow(6, 60)) },
    { ...base, name: 'rain', paint: all(late, rain(7, 60, 0)) },
    { ...dark, name: 'rain by night', paint: all(dim, rain(8, 40, 4)) },
    { ...dark, name: 'insects', paint: all(dim, insects(9, 1.5)) },
    { ...dark, name: 'spider web', seconds: 100, paint: all(dim, spiderWeb(10)) },
    ...(room ? [{ ...base, name: 'room: snow', place: room, noise: 0, paint: all(late, snow(5)) }] : []),
  ];
}

function nature(figures: Figures, day: Place, tree: Place | undefined): Scene[] {
  const late = walk(figures, LATE);
  const base = { place: day, seconds: 50, motion: LATE_TRUTH };
  const always = bush(3, [0, 0.05, 0.4, 0.7], () => 0.8);
  const gusts = bush(4, [0.55, 0.05, 0.95, 0.7], (seconds) =>
    Math.max(0.05, Math.min(1, (seconds - 14) / 2) * (seconds < 24 ? 1 : 0.4)),
  );
  const pond = water(0.72);
  return [
    {
      ...base,
      name: 'leaves',
      paint: (canvas, seconds, still) => {
        always(canvas, seconds, still);
        late(canvas, seconds);
      },
    },
    {
      ...base,
      name: 'a gust after calm',
      paint: (canvas, seconds, still) => {
        gusts(canvas, seconds, still);
        late(canvas, seconds);
      },
    },
    {
      ...base,
      name: 'water',
      paint: (canvas, seconds, still) => {
        pond(canvas, seconds, still);
        late(canvas, seconds);
      },
    },
    { ...base, name: 'clock', paint: all(late, clock) },
    ...(tree ? [{ ...base, name: 'tree: one walks past', place: tree, noise: 0, paint: late }] : []),
  ];
}

function objects(figures: Figures, day: Place): Scene[] {
  const night = byNight(day);
  const base = { place: day, seconds: 50 };
  const animal = cat(17, 95);
  const van = car(80, 210);
  const box = car(26, 160);
  const parked: Scene['paint'] = (canvas, seconds) => {
    const arrive = Math.min(1, (seconds - 8) / 4);
    const leave = Math.max(0, (seconds - 68) / 4);
    if (seconds > 8 && leave < 1)
      stamp(canvas, van, (-0.1 + 0.65 * arrive + 0.7 * leave) * canvas.width, 0.8 * canvas.height);
    walk(figures, { ...LATE, start: 48, end: 58, to: [1.02, 0.9], from: [-0.02, 0.9] })(canvas, seconds);
  };
  return [
    {
      ...base,
      name: 'far walker',
      motion: [[20, 45]],
      paint: walk(figures, { start: 20, end: 45, from: [0.1, 0.55], to: [0.45, 0.56], height: 0.085 }),
    },
    {
      ...base,
      name: 'one comes straight on',
      motion: [[20, 32]],
      paint: walk(figures, { start: 20, end: 32, from: [0.55, 0.6], to: [0.5, 0.97], height: 0.12, heightAtEnd: 0.55 }),
    },
    {
      ...base,
      name: 'one stands still for 8 s',
      motion: [[20, 38]],
      paint: walk(figures, { ...LATE, start: 20, end: 38, rest: 8 }),
    },
    { ...base, name: 'one runs past', motion: [[20, 22]], paint: walk(figures, { ...LATE, start: 20, end: 22 }) },
    {
      ...base,
      name: 'cat by night',
      place: night,
      noise: NIGHT_NOISE,
      motion: [[20, 31]],
      paint: (canvas, seconds) => {
        if (seconds >= 20 && seconds <= 31)
          stamp(canvas, animal, (-0.01 + 1.02 * ((seconds - 20) / 11)) * canvas.width, 0.83 * canvas.height);
      },
    },
    {
      ...base,
      name: 'a car parks, one passes, it leaves',
      seconds: 80,
      motion: [
        [8.6, 12.5],
        [48, 58],
        [68, 71.6],
      ],
      ignore: [
        [12.5, 33],
        [71.6, 73.5],
      ],
      paint: parked,
    },
    {
      ...base,
      name: 'a thing is taken away',
      motion: [[20, 30]],
      ignore: [[30, 33]],
      paint: (canvas, seconds) => {
        if (seconds < 25) stamp(canvas, box, 0.5 * canvas.width, 0.83 * canvas.height);
        walk(figures, { ...LATE, start: 20, end: 30 })(canvas, seconds);
      },
    },
    { ...base, name: 'nothing at all, night', seconds: 120, place: night, noise: 8, motion: [] },
  ];
}

function cameraFaults(figures: Figures, day: Place, room: Place | undefined): Scene[] {
  const night = byNight(day);
  const late = walk(figures, LATE);
  const dim = walk(figures, { ...LATE, light: 0.55 });
  const base = { place: day, seconds: 50, motion: LATE_TRUTH, paint: late };
  return [
    { ...base, name: 'shakes by one pixel', camera: shake(1) },
    { ...base, name: 'shakes by four pixels', camera: shake(4) },
    { ...base, name: 'corrupt frames', finish: corrupt(31, 0.04) },
    { ...base, name: 'lost frames', finish: lossy(32) },
    { ...base, name: 'starved encoder', noise: 3, finish: starved(60, 20, 5) },
    { ...base, name: 'starved encoder by night', place: night, noise: 7, paint: dim, finish: starved(50, 20, 5) },
    ...(room ? [{ ...base, name: 'room: shakes by three pixels', place: room, noise: 0, camera: shake(3) }] : []),
  ];
}
