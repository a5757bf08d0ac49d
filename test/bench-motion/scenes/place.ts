import { existsSync } from 'node:fs';
import sharp from 'sharp';
import { yard } from '../../../src/demo/scene-background.ts';
import { testData } from '../../helpers/test-data.ts';
import { decode } from '../recorded.ts';

/** What stands still: gray levels of the empty place at a frame number. Real frames bring their own noise. */
export interface Place {
  readonly width: number;
  readonly height: number;
  readonly look: (index: number) => Float32Array;
}

/** The yard of the demo, drawn for any size. */
export async function yardPlace(width = 320, height = 180): Promise<Place> {
  const svg = Buffer.from(yard(2 * width, 2 * height));
  const raw = await sharp(svg).resize(width, height, { fit: 'fill' }).greyscale().toColourspace('b-w').raw().toBuffer();
  const still = Float32Array.from(raw);
  return { width, height, look: () => still };
}

/** The yard under an IR lamp: other brightness for the same things, darker to the edges, no sky. */
export function byNight(place: Place): Place {
  const { width, height } = place;
  const still = place.look(0).map((level, i) => {
    const x = (i % width) / width - 0.5;
    const y = Math.floor(i / width) / height - 0.6;
    const lamp = Math.exp(-3.2 * (x * x + y * y));
    return y < -0.35 ? 12 : 14 + lamp * (20 + 0.55 * Math.abs(level - 60) + 0.25 * level);
  });
  return { width, height, look: () => still };
}

/** Where a recorded clip is, if it is here. */
export function clipFile(clip: string): string | undefined {
  const example = `/usr/share/doc/opencv-doc/examples/data/${clip}`;
  return existsSync(example) ? example : testData(clip);
}

/** The middle of a place in another size and shape. */
export function resized(place: Place, width: number, height: number): Place {
  const scale = Math.min(place.width / width, place.height / height);
  const [left, top] = [(place.width - scale * width) / 2, (place.height - scale * height) / 2];
  return {
    width,
    height,
    look(index) {
      const from = place.look(index);
      return Float32Array.from({ length: width * height }, (_, i) => {
        const x = Math.min(place.width - 1.001, left + scale * ((i % width) + 0.5) - 0.5);
        const y = Math.min(place.height - 1.001, top + scale * (Math.floor(i / width) + 0.5) - 0.5);
        const [x0, y0] = [Math.max(0, Math.floor(x)), Math.max(0, Math.floor(y))];
        const [fx, fy] = [Math.max(0, x - x0), Math.max(0, y - y0)];
        const j = y0 * place.width + x0;
        const upper = from[j]! * (1 - fx) + from[j + 1]! * fx;
        return upper * (1 - fy) + (from[j + place.width]! * (1 - fx) + from[j + place.width + 1]! * fx) * fy;
      });
    },
  };
}

/** The first seconds of a recorded clip, to and fro, where nothing happens in them. Undefined when the clip is not here. */
export async function recordedPlace(
  clip: string,
  aspect: number,
  from: number,
  to: number,
): Promise<Place | undefined> {
  const file = clipFile(clip);
  if (!file) return undefined;
  const frames = (await decode(file, aspect, 5)).slice(from * 5, to * 5);
  const [first] = frames;
  if (!first) return undefined;
  const stills = frames.map(({ data }) => Float32Array.from(data));
  const period = 2 * stills.length - 2;
  return {
    width: first.width,
    height: first.height,
    look(index) {
      const phase = index % period;
      return stills[phase < stills.length ? phase : period - phase]!;
    },
  };
}
