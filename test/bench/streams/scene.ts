import { pasteFigure } from './cut-out.ts';
import type { Painter } from './foliage.ts';
import { SCENE_FPS } from './image.ts';
import type { Activity, Timeline } from './timeline.ts';
import { vtestImages } from './vtest.ts';
import { type Actor, whereabouts } from './walks.ts';

/** Pictures in vtest.avi; a longer activity starts again from the first one. */
const VTEST_IMAGES = 795;

/** Somebody to be cut out of a picture of vtest.avi. */
interface Visitor {
  readonly actor: Actor;
  readonly image: Uint8Array;
  /** Number of the picture. */
  readonly frame: number;
}

/**
 * The pictures of a recording, without sensor noise: the empty scene with whoever is there, and what `paint` draws over it.
 * @param empty as `emptyScene` gives it.
 */
export async function* sceneImages(
  timeline: Timeline,
  empty: Uint8Array,
  paint: Painter | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let number = 0;
  for await (const visitor of visitors(timeline)) {
    const image = Uint8Array.from(empty);
    if (visitor) pasteFigure(image, visitor.image, empty, whereabouts(visitor.actor, visitor.frame));
    paint?.(image, number / SCENE_FPS);
    number += 1;
    yield image;
  }
}

/** Who is there, picture by picture. */
async function* visitors({ seconds, activities }: Timeline): AsyncGenerator<Visitor | undefined, void, undefined> {
  let number = 0;
  for (const activity of activities) {
    for (; number < Math.round(activity.start * SCENE_FPS); number += 1) yield undefined;
    for await (const visitor of visit(activity)) {
      yield visitor;
      number += 1;
    }
  }
  for (; number < Math.round(seconds * SCENE_FPS); number += 1) yield undefined;
}

async function* visit({ actor, from, seconds }: Activity): AsyncGenerator<Visitor, void, undefined> {
  let left = Math.round(seconds * SCENE_FPS);
  for (let frame = from; left > 0; frame = 0) {
    let next = frame;
    const count = Math.min(left, VTEST_IMAGES - frame);
    for await (const image of vtestImages(frame, count)) yield { actor, image, frame: next++ };
    left -= count;
  }
}
