/**
 * Who walks where in vtest.avi. The boxes leave room around the figure; between two of them they are interpolated.
 */

/** Left, top, right, bottom in pixels. */
export type Rectangle = readonly [left: number, top: number, right: number, bottom: number];

/** Boxes by frame number of vtest.avi. */
type Walk = ReadonlyArray<readonly [frame: number, box: Rectangle]>;

const WALKS = {
  /** Comes up the path from the right: of middle size, alone. */
  middle: [
    [189, [536, 232, 608, 352]],
    [199, [576, 248, 680, 392]],
    [209, [632, 272, 712, 424]],
    [219, [544, 280, 672, 432]],
    [229, [480, 256, 584, 408]],
    [239, [424, 232, 520, 400]],
    [249, [336, 216, 456, 352]],
    [259, [320, 208, 400, 328]],
  ],
  /** Crosses the path from left to right. */
  across: [
    [359, [512, 184, 592, 296]],
    [369, [560, 192, 648, 312]],
    [379, [624, 200, 712, 320]],
    [389, [688, 208, 768, 336]],
  ],
  /** Comes in at the right edge. */
  entering: [
    [39, [720, 272, 768, 416]],
    [49, [648, 240, 752, 400]],
    [59, [600, 224, 680, 368]],
    [69, [568, 200, 640, 336]],
    [79, [552, 176, 616, 304]],
    [84, [552, 176, 608, 296]],
  ],
  /** Far away and small: 30 by 70 pixels. */
  far: [
    [546, [120, 152, 176, 248]],
    [556, [80, 160, 152, 248]],
    [566, [0, 160, 104, 256]],
    [576, [0, 160, 56, 256]],
  ],
  /** Crosses the lawn close to the camera. */
  near: [
    [599, [256, 416, 352, 576]],
    [609, [304, 416, 416, 576]],
    [619, [360, 408, 440, 576]],
    [629, [344, 384, 424, 568]],
    [639, [328, 376, 400, 536]],
    [649, [320, 360, 400, 528]],
    [659, [272, 344, 376, 512]],
    [669, [208, 328, 312, 488]],
    [679, [136, 320, 248, 472]],
    [689, [104, 296, 184, 448]],
    [699, [88, 272, 160, 424]],
    [709, [48, 248, 136, 392]],
  ],
  /** Turns at the left end of the lawn and goes back. */
  returning: [
    [714, [32, 236, 132, 360]],
    [721, [36, 230, 132, 346]],
    [728, [56, 226, 150, 336]],
    [735, [76, 206, 176, 320]],
    [742, [100, 196, 196, 300]],
    [749, [140, 186, 236, 290]],
  ],
  /** Comes down the path at the right, alone for a while. */
  corner: [
    [748, [606, 190, 708, 332]],
    [756, [624, 190, 720, 330]],
    [763, [612, 180, 706, 320]],
    [770, [590, 176, 686, 310]],
    [777, [580, 170, 676, 300]],
  ],
  /** Walks up the road at the top right: small. */
  upper: [
    [735, [570, 100, 660, 204]],
    [763, [650, 100, 746, 206]],
    [791, [620, 110, 720, 236]],
  ],
} as const satisfies Record<string, Walk>;

/** A figure of its own, or `everyone` who is in the picture. */
export type Actor = keyof typeof WALKS | 'everyone';

/** Where `actor` is in a frame of vtest.avi; undefined means: the whole picture. */
export function whereabouts(actor: Actor, frame: number): Rectangle | undefined {
  if (actor === 'everyone') return undefined;
  const walk: Walk = WALKS[actor];
  const after = Math.max(
    1,
    walk.findIndex(([at]) => at >= frame),
  );
  const [from, start] = walk[after - 1]!;
  const [to, end] = walk[after]!;
  const done = (frame - from) / (to - from);
  const between = (index: 0 | 1 | 2 | 3) => Math.round(start[index] + (end[index] - start[index]) * done);
  return [between(0), between(1), between(2), between(3)];
}
