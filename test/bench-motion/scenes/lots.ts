/**
 * Scenes drawn by lot: a place, who moves in it, what disturbs, how many frames a second and of which size. Nobody chose them, so they tell what to
 * expect of a scene that nobody has seen. The detector's constants were set on `SEEN` lots; those of `HELD_OUT` were only ever measured.
 */

import { random } from '../../motion/scene.ts';
import type { Film } from '../film.ts';
import { walk } from './actors.ts';
import { type CameraEffect, exposureSwings, irSwitch, lamp, shake } from './camera.ts';
import { stamp } from './canvas.ts';
import { type CutOut, cutOut, play } from './cut-out.ts';
import { starved } from './encoder.ts';
import { corrupt, lossy } from './faults.ts';
import { makeFilm, type Scene } from './make.ts';
import { bush, clock, water } from './nature.ts';
import { byNight, type Place, recordedPlace, resized, yardPlace } from './place.ts';
import { car, cat, type Figures, loadFigures } from './sprite.ts';
import { truthOf } from './visible.ts';
import { clouds, headlights, insects, lightning, type Paint, rain, snow, spiderWeb } from './weather.ts';

export const HELD_OUT = 1000;

const SECONDS = 45;
const SIZES = [
  [320, 180],
  [320, 180],
  [240, 180],
  [192, 108],
  [102, 180],
] as const;
const RATES = [5, 5, 2, 10, 15] as const;

interface Disturbance {
  /** Painted behind and before who moves. */
  readonly behind?: NonNullable<Scene['paint']>;
  readonly before?: Paint;
  readonly camera?: CameraEffect;
  readonly finish?: Scene['finish'];
}

interface Chance {
  readonly place: Place;
  readonly night: Place;
  readonly isNight: boolean;
  readonly fps: number;
  readonly next: () => number;
}

/** By name; more than one line of the same kind makes it more likely. */
const DISTURBANCES: Readonly<Record<string, (chance: Chance) => Disturbance>> = {
  nothing: () => ({}),
  snow: ({ next }) => ({ before: snow(seedOf(next), 30 + 130 * next()) }),
  rain: ({ next }) => ({ before: rain(seedOf(next), 20 + 50 * next(), next() < 0.5 ? 0 : 4 * next()) }),
  insects: ({ next }) => ({ before: insects(seedOf(next), 1 + 3 * next()) }),
  'spider web': ({ next }) => ({ before: spiderWeb(seedOf(next)) }),
  lightning: ({ next }) => ({ before: lightning(momentsOf(next, 6)) }),
  clouds: ({ next }) => ({ before: clouds(momentsOf(next, 2), 5 + 6 * next()) }),
  headlights: ({ next }) => ({ before: headlights(momentsOf(next, 3), 1.5 + 2 * next()) }),
  lamp: ({ next }) => ({ before: lamp(momentsOf(next, 3), next()) }),
  leaves: ({ next }) => {
    const left = 0.6 * next();
    const wind = 0.4 + 0.6 * next();
    return { behind: bush(seedOf(next), [left, 0.05, left + 0.15 + 0.25 * next(), 0.4 + 0.3 * next()], () => wind) };
  },
  gusts: ({ next }) => {
    const left = 0.6 * next();
    const [from, length] = [8 + 15 * next(), 4 + 8 * next()];
    return {
      behind: bush(seedOf(next), [left, 0.05, left + 0.35, 0.65], (seconds) =>
        seconds < from ? 0.05 : seconds < from + length ? 1 : 0.3,
      ),
    };
  },
  water: ({ next }) => ({ behind: water(0.6 + 0.25 * next()) }),
  clock: () => ({ before: clock }),
  'exposure swings': ({ next }) => ({ camera: exposureSwings(0.2 + 0.3 * next()) }),
  'IR switch': ({ place, night, isNight, next }) => {
    const [on, off] = [6 + 14 * next(), 24 + 18 * next()];
    return isNight ? { before: lamp([on, off]) } : { camera: irSwitch(place, night, on, off) };
  },
  shake: ({ next }) => ({ camera: shake(0.5 + 3.5 * next(), seedOf(next)) }),
  'corrupt frames': ({ next }) => ({ finish: corrupt(seedOf(next), 0.02 + 0.04 * next()) }),
  'lost frames': ({ next }) => ({ finish: lossy(seedOf(next)) }),
  'starved encoder': ({ next, fps }) => ({ finish: starved(Math.round(10 * fps + 60 * next()), 4 * fps, fps) }),
};

const ACTORS = [
  'person',
  'person',
  'walker',
  'walker',
  'far walker',
  'car',
  'cat',
  'seen from above',
  'nobody',
  'nobody',
];

/** As many scenes as asked for; the same ones for the same seed. */
export async function drawnFilms(seed: number, count: number): Promise<Film[]> {
  const figures = await loadFigures();
  const places = [
    ['yard', await yardPlace()],
    ['room', await recordedPlace('one-by-one-person-detection.mp4', 16 / 9, 0.4, 5)],
    ['road', await recordedPlace('car-detection.mp4', 16 / 9, 0.2, 3.8)],
    ['tree', await recordedPlace('tree.avi', 4 / 3, 0, 22.6)],
  ] as const;
  const people = [
    await cutOut('one-by-one-person-detection.mp4', 16 / 9, [22.6, 45], 2),
    await cutOut('one-by-one-person-detection.mp4', 16 / 9, [123, 136], 2),
  ].filter((one) => one !== undefined);
  const above = await cutOut('car-detection.mp4', 16 / 9, [14.2, 19], 13);
  const known = places.flatMap(([name, place]) => (place ? [[name, place] as const] : []));
  return Array.from({ length: count }, (_, index) => {
    const next = random(1000 * seed + index);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
    const [placeName, whole] = pick(known);
    const [width, height] = pick(SIZES);
    const fps = pick(RATES);
    const isNight = next() < 0.4 && placeName !== 'tree';
    const day = resized(whole, width, height);
    const night = byNight(day);
    const place = isNight ? night : day;
    const actorName = pick(ACTORS);
    const disturbanceName = pick(Object.keys(DISTURBANCES));
    const actor = actorOf(actorName, { figures, people, above, isNight, next, place });
    const truth = truthOf(place, actor, SECONDS);
    const chance = { place, night, isNight, fps, next };
    const { behind, before, camera, finish } = DISTURBANCES[disturbanceName]?.(chance) ?? {};
    const scene: Scene = {
      name: `lot ${seed}.${index} ${placeName}${isNight ? ' by night' : ''}, ${actorName}, ${disturbanceName} ${width}x${height}@${fps}`,
      ...{ place, seconds: SECONDS, fps, ...truth },
      noise: isNight ? 3 + 5 * next() : placeName === 'yard' ? 1 + 2 * next() : 0.7,
      paint(canvas, seconds, still) {
        behind?.(canvas, seconds, still);
        actor?.(canvas, seconds);
        before?.(canvas, seconds);
      },
      ...(camera && { camera }),
      ...(finish && { finish }),
    };
    return { ...makeFilm(scene), kind: seed === HELD_OUT ? 'held out' : 'drawn' };
  });
}

interface Cast {
  readonly figures: Figures;
  readonly people: readonly CutOut[];
  readonly above: CutOut | undefined;
  readonly isNight: boolean;
  readonly next: () => number;
  readonly place: Place;
}

function actorOf(name: string, { figures, people, above, isNight, next, place }: Cast): Paint | undefined {
  const start = 12 + 14 * next();
  const light = isNight ? 0.5 + 0.4 * next() : 1;
  const cut =
    name === 'person' ? people[Math.floor(next() * people.length)] : name === 'seen from above' ? above : undefined;
  if (cut) return play(cut, start, 0.35 + 0.75 * next(), [0.2 + 0.6 * next(), 0.4 + 0.3 * next()], light);
  if (name === 'nobody') return undefined;
  const isRight = next() < 0.5;
  const across = (length: number) => (seconds: number) => {
    const part = (seconds - start) / length;
    return isRight ? -0.25 + 1.5 * part : 1.25 - 1.5 * part;
  };
  const depth = 0.65 + 0.25 * next();
  if (name === 'car' || name === 'cat') {
    const sprite =
      name === 'car'
        ? car(place.height * (0.3 + 0.4 * next()), (next() < 0.5 ? 205 : 45) * light)
        : cat(place.height * (0.09 + 0.06 * next()), (next() < 0.5 ? 190 : 40) * light);
    const x = across(name === 'car' ? 3 + 4 * next() : 10 + 6 * next());
    return (canvas, seconds) => {
      if (seconds >= start) stamp(canvas, sprite, x(seconds) * canvas.width, depth * canvas.height);
    };
  }
  const height = name === 'walker' ? 0.16 + 0.3 * next() : 0.075 + 0.04 * next();
  // One walks by about four fifths of one's height in a second.
  const speed = (0.6 + 0.5 * next()) * height * (place.height / place.width);
  const length = Math.min(SECONDS - start - 4, 1.2 / speed);
  const [a, b] = isRight ? [-0.1, -0.1 + speed * length] : [1.1, 1.1 - speed * length];
  const y = name === 'walker' ? depth : 0.5 + 0.15 * next();
  return walk(figures, { start, end: start + length, from: [a, y], to: [b, y + 0.05 * next()], height, light });
}

const seedOf = (next: () => number) => Math.floor(next() * 1e6);

const momentsOf = (next: () => number, count: number) =>
  Array.from({ length: count }, () => 6 + 36 * next()).sort((a, b) => a - b);
