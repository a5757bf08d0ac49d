import type { Painter } from './foliage.ts';
import { planes } from './image.ts';

/** Which of the segments a (top) to g (middle) are lit, by digit. */
const DIGITS = ['abcdef', 'bc', 'abdeg', 'abcdg', 'bcfg', 'acdfg', 'acdefg', 'abc', 'abcdefg', 'abcdfg'];
const SIZE = { width: 10, height: 20, stroke: 3 };
const PITCH = 15;
const LEFT = 14;
const TOP = 12;
/** 08:00:00: the hour and the minutes change too now and then. */
const START_SECONDS = 8 * 3600;
const WHITE = 235;
const BLACK = 16;
const NO_COLOUR = 128;

/** A clock in the corner, as cameras draw it into the picture: white on black, one tick a second. */
export function tickingClock(): Painter {
  return (image, seconds) => {
    const [luma, u, v] = planes(image);
    const now = START_SECONDS + Math.floor(seconds + 1e-6);
    const text = [now / 3600, (now / 60) % 60, now % 60]
      .map((part) => String(Math.floor(part)).padStart(2, '0'))
      .join(' ');
    const box = { left: LEFT - 6, top: TOP - 6, width: text.length * PITCH + 8, height: SIZE.height + 12 };
    fill(luma, box, BLACK);
    for (const chroma of [u, v]) {
      fill(chroma, { left: box.left / 2, top: box.top / 2, width: box.width / 2, height: box.height / 2 }, NO_COLOUR);
    }
    for (const [index, character] of [...text].entries()) {
      if (character === ' ') continue;
      for (const segment of DIGITS[Number(character)] ?? '') {
        fill(luma, segmentBox(segment, LEFT + index * PITCH), WHITE);
      }
    }
  };
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function segmentBox(segment: string, left: number): Area {
  const { width, height, stroke } = SIZE;
  const half = height / 2;
  const [right, middle, bottom] = [left + width - stroke, TOP + half - stroke / 2, TOP + height - stroke];
  const across = (top: number): Area => ({ left, top: Math.round(top), width, height: stroke });
  const upright = (x: number, top: number): Area => ({ left: x, top, width: stroke, height: half });
  switch (segment) {
    case 'a':
      return across(TOP);
    case 'b':
      return upright(right, TOP);
    case 'c':
      return upright(right, TOP + half);
    case 'd':
      return across(bottom);
    case 'e':
      return upright(left, TOP + half);
    case 'f':
      return upright(left, TOP);
    default:
      return across(middle);
  }
}

function fill(plane: { readonly data: Uint8Array; readonly width: number }, area: Area, value: number): void {
  for (let row = area.top; row < area.top + area.height; row += 1) {
    const start = row * plane.width + area.left;
    plane.data.fill(value, start, start + area.width);
  }
}
