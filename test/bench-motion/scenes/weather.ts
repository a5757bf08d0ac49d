import { random } from '../../motion/scene.ts';
import { type Canvas, glow, illuminate, stroke } from './canvas.ts';
import { wander } from './random.ts';

/** Paints what a moment adds to the picture. Time in seconds. */
export type Paint = (canvas: Canvas, seconds: number) => void;

/** Flakes of several sizes, falling and drifting. */
export function snow(seed: number, flakes = 140): Paint {
  const next = random(seed);
  const all = Array.from({ length: flakes }, () => ({
    x: next(),
    y: next(),
    size: 0.5 + 2.2 * next() ** 4,
    sway: next() * 6,
  }));
  return (canvas, seconds) => {
    for (const { x, y, size, sway } of all) {
      const fall = ((y + seconds * (0.25 + 0.22 * size)) % 1.1) * canvas.height;
      const drift = (((x + 0.06 * seconds * size + 0.02 * Math.sin(seconds * 2 + sway)) % 1) + 1) % 1;
      glow(canvas, drift * canvas.width, fall, size * 0.6, size * 0.9, 60 + 25 * size);
    }
  };
}

/** Streaks, elsewhere in each frame; `near` of them a second are close to the lens, wide and bright. */
export function rain(seed: number, streaks: number, near: number): Paint {
  const next = random(seed);
  let last = 0;
  return (canvas, seconds) => {
    const dt = Math.max(0.02, seconds - last);
    last = seconds;
    for (let i = 0; i < streaks; i += 1) {
      const [x, y] = [next() * canvas.width, next() * canvas.height];
      stroke(canvas, [x, y], [x + 1.5, y + 6 + 12 * next()], 0.9, 200, 0.25 + 0.2 * next());
    }
    for (let due = near * dt; due > 0; due -= 1) {
      if (next() > due) continue;
      const [x, y] = [next() * canvas.width, next() * canvas.height];
      stroke(canvas, [x, y - 20], [x + 5, y + 30 * next()], 3 + 4 * next(), 230, 0.4);
    }
  };
}

/** A bright blur that crosses the picture within a third of a second, every few seconds: an insect before an IR lamp. */
export function insects(seed: number, every: number): Paint {
  const next = random(seed);
  const flights = Array.from({ length: 60 }, (_, i) => ({
    from: [next(), next()] as const,
    to: [next(), next()] as const,
    start: i * every + next() * every * 0.8,
    length: 0.15 + 0.25 * next(),
    size: 3 + 8 * next(),
  }));
  return (canvas, seconds) => {
    for (const { from, to, start, length, size } of flights) {
      const part = (seconds - start) / length;
      if (part < 0 || part > 1) continue;
      const x = (from[0] + part * (to[0] - from[0])) * canvas.width;
      const y = (from[1] + part * (to[1] - from[1])) * canvas.height + 6 * Math.sin(9 * part);
      glow(canvas, x, y, size, size * 0.7, 150);
    }
  };
}

/** Flashes of a tenth of a second, brightest in the sky, some of them double. */
export function lightning(times: readonly number[]): Paint {
  return (canvas, seconds) => {
    for (const time of times) {
      const since = seconds - time;
      const power = since >= 0 && since < 0.12 ? 1 : since >= 0.3 && since < 0.38 ? 0.6 : 0;
      if (power > 0) illuminate(canvas, (_, y) => 1 + power * (2.2 - 1.4 * y));
    }
  };
}

/** The edge of a cloud passes: half the light behind it. */
export function clouds(times: readonly number[], length = 8): Paint {
  return (canvas, seconds) => {
    const edge = (x: number, time: number) => 1 / (1 + Math.exp(-((seconds - time) * 0.5 - x) * 9));
    illuminate(canvas, (x) =>
      times.reduce((light, time) => light * (1 - 0.45 * (edge(x, time) - edge(x, time + length))), 1),
    );
  };
}

/** Two lamps of a car that turns outside the picture: their light sweeps over wall and ground. */
export function headlights(times: readonly number[], length = 2.5): Paint {
  return (canvas, seconds) => {
    for (const time of times) {
      const part = (seconds - time) / length;
      if (part < 0 || part > 1) continue;
      const strength = Math.sin(Math.PI * part);
      illuminate(canvas, (x, y) => {
        const spot = (middle: number) => Math.exp(-(((x - middle) / 0.12) ** 2) - ((y - 0.55) / 0.25) ** 2);
        return 1 + 3.2 * strength * (spot(-0.2 + 1.5 * part) + 0.7 * spot(-0.38 + 1.5 * part));
      });
    }
  };
}

/** A web on the lens hood, lit by the IR lamp, that swings in the wind without end. */
export function spiderWeb(seed: number): Paint {
  const swing = wander(seed, 1.3);
  const gust = wander(seed + 1, 0.15);
  return (canvas, seconds) => {
    const force = 5 + 5 * Math.max(0, gust(seconds));
    const dx = force * swing(seconds);
    const dy = 0.5 * force * swing(seconds + 40);
    const [x, y] = [0.82 * canvas.width, 0.22 * canvas.height];
    for (let spoke = 0; spoke < 7; spoke += 1) {
      const angle = (spoke * Math.PI) / 3.5;
      const reach = 0.3 * canvas.height;
      stroke(
        canvas,
        [x + dx, y + dy],
        [x + Math.cos(angle) * reach + dx * 0.4, y + Math.sin(angle) * reach],
        2.4,
        215,
        0.6,
      );
    }
    for (const ring of [0.1, 0.18, 0.25]) {
      for (let spoke = 0; spoke < 7; spoke += 1) {
        const at = (k: number): [number, number] => [
          x + Math.cos((k * Math.PI) / 3.5) * ring * canvas.height + dx,
          y + Math.sin((k * Math.PI) / 3.5) * ring * canvas.height + dy,
        ];
        stroke(canvas, at(spoke), at(spoke + 1), 2, 205, 0.5);
      }
    }
  };
}
