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

/** The first seconds of a recorded clip, to and fro, where nothing happens in them. Undefined when the clip is not here. */
export async function recordedPlace(
  clip: string,
  aspect: number,
  from: number,
  to: number,
): Promise<Place | undefined> {
  const example = `/usr/share/doc/opencv-doc/examples/data/${clip}`;
  const file = existsSync(example) ? example : testData(clip);
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
