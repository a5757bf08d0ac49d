import { random } from '../../motion/scene.ts';

/** Many normally distributed numbers (mean 0, deviation 1), drawn once per seed. */
export function gaussians(seed: number, count: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return radius * Math.cos(2 * Math.PI * next());
  });
}

/** Smooth noise over time, -1..1: a sum of sines without a common period. */
export function wander(seed: number, speed = 1): (seconds: number) => number {
  const next = random(seed);
  const waves = Array.from(
    { length: 5 },
    (_, i) => [speed * (0.31 + 0.47 * i) * (1 + 0.2 * next()), next() * 7] as const,
  );
  return (seconds) =>
    waves.reduce((sum, [rate, phase]) => sum + Math.sin(2 * Math.PI * rate * seconds + phase), 0) / 3.2;
}
