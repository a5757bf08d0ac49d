import { HEIGHT, planes, randomNumbers, WIDTH } from './image.ts';

/** Draws over a picture what is to be seen `seconds` after the start. */
export type Painter = (image: Uint8Array, seconds: number) => void;

const LEAVES = 900;
/** The crown fills the lower right corner, where nobody walks: about an eighth of the picture. */
const CENTRE = { x: WIDTH - 70, y: HEIGHT - 80 };
const RADIUS = { x: 190, y: 150 };
/** How far the wind moves a leaf, in pixels of the scene. */
const SWAY = 7;
/** All movement repeats itself after a minute, the length of the idle recording, so that its loop has no seam. */
const TURN = (2 * Math.PI) / 60;
/** Green, as chroma of BT.601. */
const CHROMA_U = 112;
const CHROMA_V = 116;

/** A tree in the wind, which comes in gusts and never rests for long. */
export function swayingTree(): Painter {
  const random = randomNumbers(7);
  const leaves = Array.from({ length: LEAVES }, () => {
    const angle = random() * 2 * Math.PI;
    const distance = Math.sqrt(random());
    return {
      x: CENTRE.x + Math.cos(angle) * distance * RADIUS.x,
      y: CENTRE.y + Math.sin(angle) * distance * RADIUS.y,
      size: 4 + random() * 7,
      luma: 40 + random() * 90,
      phase: random() * 2 * Math.PI,
      pace: TURN * Math.round(24 + random() * 28),
      bob: TURN * Math.round(31 + random() * 36),
    };
  });
  return (image, seconds) => {
    const [luma, u, v] = planes(image);
    const gust = 0.35 + 0.65 * Math.sin(4 * TURN * seconds) ** 2 * (0.6 + 0.4 * Math.sin(18 * TURN * seconds));
    for (const leaf of leaves) {
      const bend = Math.sin(15 * TURN * seconds + leaf.x / 60);
      const x = leaf.x + gust * SWAY * (bend + 0.5 * Math.sin(leaf.pace * seconds + leaf.phase));
      const y = leaf.y + gust * SWAY * 0.35 * Math.sin(leaf.bob * seconds + leaf.phase);
      disc(luma.data, luma.width, luma.height, { x, y, radius: leaf.size, value: leaf.luma });
      const half = { x: x / 2, y: y / 2, radius: leaf.size / 2 };
      disc(u.data, u.width, u.height, { ...half, value: CHROMA_U });
      disc(v.data, v.width, v.height, { ...half, value: CHROMA_V });
    }
  };
}

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly value: number;
}

/** A flat ellipse, half as high as wide. */
function disc(data: Uint8Array, width: number, height: number, { x, y, radius, value }: Disc): void {
  const [top, bottom] = [Math.max(0, Math.ceil(y - radius / 2)), Math.min(height - 1, Math.floor(y + radius / 2))];
  for (let row = top; row <= bottom; row += 1) {
    const half = Math.sqrt(Math.max(0, radius ** 2 - (2 * (row - y)) ** 2));
    const [start, end] = [Math.max(0, Math.round(x - half)), Math.min(width, Math.round(x + half))];
    if (end > start) data.fill(value, row * width + start, row * width + end);
  }
}
