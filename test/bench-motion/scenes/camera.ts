/**
 * What a camera does to the finished picture, and lamps in the scene.
 */
import { type Canvas, displace, illuminate } from './canvas.ts';
import type { Place } from './place.ts';
import { wander } from './random.ts';
import type { Paint } from './weather.ts';

export type CameraEffect = (pixels: Float32Array, seconds: number, canvas: Canvas) => void;

/** Turns to IR at one time and back at another; black for a moment, then the exposure settles. */
export function irSwitch(day: Place, night: Place, on: number, off: number): CameraEffect {
  return (pixels, seconds) => {
    const isNight = seconds >= on && seconds < off;
    const since = seconds < on ? 9 : isNight ? seconds - on : seconds - off;
    const settle = since < 0.25 ? 0.1 : 1 + 0.8 * Math.exp(-(since - 0.25) / 0.5);
    const [from, to] = [day.look(0), night.look(0)];
    for (let i = 0; i < pixels.length; i += 1) {
      const level = isNight ? to[i]! + 0.6 * (pixels[i]! - from[i]!) : pixels[i]!;
      pixels[i] = level * settle;
    }
  };
}

/** The automatic exposure swings. */
export function exposureSwings(strength = 0.45): CameraEffect {
  return (pixels, seconds) => {
    const gain = 1 + strength * Math.sin(Math.max(0, seconds - 6) * 0.9) * Math.sin(seconds * 0.21);
    for (let i = 0; i < pixels.length; i += 1) pixels[i]! *= gain;
  };
}

/** Wind shakes the camera by this many pixels. */
export function shake(strength: number, seed = 21): CameraEffect {
  const [swayX, swayY] = [wander(seed, 1.1), wander(seed + 1, 1.7)];
  return (pixels, seconds, canvas) => {
    const gust = seconds < 6 ? 0 : 0.5 + 0.5 * Math.sin(seconds * 0.5);
    const [dx, dy] = [strength * gust * swayX(seconds), 0.6 * strength * gust * swayY(seconds)];
    displace(canvas, pixels.slice(), () => [dx, dy]);
  };
}

/** A lamp in the scene goes on and off at these times. */
export function lamp(times: readonly number[], x = 0.7): Paint {
  return (canvas, seconds) => {
    const isOn = times.filter((time) => time <= seconds).length % 2 === 1;
    if (isOn) illuminate(canvas, (px, py) => 1 + 0.9 * Math.exp(-(((px - x) / 0.18) ** 2) - ((py - 0.5) / 0.35) ** 2));
  };
}
