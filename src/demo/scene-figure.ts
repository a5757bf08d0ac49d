/**
 * Who walks through the demo scene: the rendered figure in the first tile of `assets/samples.jpg` of the npm package @vladmandic/human
 * (MIT), cut out of its white background when the scene is made.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

export interface Figure {
  /** PNG with transparency; the figure stands on a soft shadow at its lower edge. */
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** The tile with the figure, without the dark line around it. All coordinates below are pixels of this tile. */
const TILE = { left: 0, top: 1, width: 157, height: 155 };
/** The dress is as white as the background: this part of the tile is figure, whatever its colour. */
const DRESS = { left: 67, top: 30, right: 88, bottom: 97 };
/** Where the floor with the figure's shadow begins, and where its shoes do. */
const FLOOR_TOP = 128;
const SHOES_TOP = 138;
/** A point between the legs, which the background around the figure does not reach. */
const GAP = { x: 80, top: 100, bottom: 140 };

/** Cuts the figure out and scales it so that the tile becomes `height` pixels high. It looks to the left; `mirrored`, to the right. */
export async function cutOutFigure(height: number, mirrored: boolean): Promise<Figure> {
  const source = join(dirname(createRequire(import.meta.url).resolve('@vladmandic/human')), '../assets/samples.jpg');
  const tile = await sharp(source).extract(TILE).removeAlpha().raw().toBuffer();
  const mask = figureMask(tile);
  const width = Math.round((height * TILE.width) / TILE.height);
  // Eroded by half a pixel of the tile, which takes the white fringe away, and softened.
  const alpha = await sharp(mask, { raw: { width: TILE.width, height: TILE.height, channels: 1 } })
    .median(3)
    .resize(width, height, { kernel: 'cubic' })
    .blur(1.6)
    .linear(3, -380)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const person = await sharp(tile, { raw: { width: TILE.width, height: TILE.height, channels: 3 } })
    .resize(width, height)
    .modulate({ brightness: 0.86 })
    .joinChannel(alpha, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
  const standing = await sharp(Buffer.from(shadow(width, height)))
    .composite([{ input: person }])
    .png()
    .toBuffer();
  const { data, info } = await sharp(standing)
    .trim({ background: '#0000', threshold: 1 })
    .flop(mirrored)
    .png()
    .toBuffer({ resolveWithObject: true });
  return { png: data, width: info.width, height: info.height };
}

/** 255 where the figure is, 0 elsewhere: what hangs together with its dress after a flood has taken the background away. */
function figureMask(tile: Buffer): Buffer {
  const { width, height } = TILE;
  const border: number[] = [];
  for (let x = 0; x < width; x += 1) border.push(x);
  for (let y = 0; y < height; y += 1) border.push(y * width, y * width + width - 1);
  for (let y = GAP.top; y < GAP.bottom; y += 1) border.push(y * width + GAP.x);
  const background = flood(border, (index) => isBackground(tile, index));
  return flood([DRESS.top * width + DRESS.left], (index) => background[index] === 0);
}

/** Marks with 255 all pixels of the tile that can be reached from `starts` over pixels that `belongs` accepts. */
function flood(starts: readonly number[], belongs: (index: number) => boolean): Buffer {
  const { width, height } = TILE;
  const marks = Buffer.alloc(width * height);
  const stack: number[] = [];
  const visit = (index: number) => {
    if (marks[index] !== 0 || !belongs(index)) return;
    marks[index] = 255;
    stack.push(index);
  };
  for (const start of starts) visit(start);
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    const x = index % width;
    if (x > 0) visit(index - 1);
    if (x < width - 1) visit(index + 1);
    if (index >= width) visit(index - width);
    if (index < width * (height - 1)) visit(index + width);
  }
  return marks;
}

function isBackground(tile: Buffer, index: number): boolean {
  const x = index % TILE.width;
  const y = Math.floor(index / TILE.width);
  if (x >= DRESS.left && x <= DRESS.right && y >= DRESS.top && y <= DRESS.bottom) return false;
  const rgb = [...tile.subarray(index * 3, index * 3 + 3)];
  const darkest = Math.min(...rgb);
  // White around the figure, down to the gray of its shadow on the floor; the shoes are brighter than the floor under them.
  if (y < FLOOR_TOP) return darkest >= (y < DRESS.bottom ? 222 : 208);
  const brightest = Math.max(...rgb);
  if (brightest - darkest > 24) return false;
  return y < SHOES_TOP ? darkest >= 190 : darkest >= 150 && (brightest <= 240 || x < DRESS.left || x > 95);
}

function shadow(width: number, height: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><radialGradient id="s"><stop offset="0" stop-opacity="0.5"/><stop offset="1" stop-opacity="0"/></radialGradient></defs>
    <ellipse cx="${width * 0.51}" cy="${height * 0.965}" rx="${width * 0.19}" ry="${height * 0.035}" fill="url(#s)"/>
  </svg>`;
}
