import { type Clutter, FAIR } from './clutter.ts';
import { type Candidate, extent, middle, overlap, STIR, type Track } from './track.ts';

/** What is this many times larger than before is another thing: a drop before the lens where flakes fall. */
const MAX_GROWTH = 3;
const MAX_ENTERING_GROWTH = 8;

interface Pair {
  readonly track: Track;
  readonly candidate: Candidate;
  /** Lower is likelier. */
  readonly cost: number;
}

/** Which areas may be which tracks, the likeliest first. */
export function pairs(
  tracks: readonly Track[],
  candidates: readonly Candidate[],
  at: number,
  clutter: Clutter,
): readonly Pair[] {
  const all: Pair[] = [];
  for (const candidate of candidates) {
    const { region, looks, isFading } = candidate;
    // A small rest that keeps still is what a thing has left behind.
    const isLikely = !isFading || (looks.stirring > STIR && clutter.weather(region) <= FAIR);
    if (!isLikely) continue;
    for (const track of tracks) {
      if (isFading && !track.isConfirmed) continue;
      const cost = costOf(track, candidate, at);
      if (cost !== undefined) all.push({ track, candidate, cost });
    }
  }
  return all.sort((a, b) => a.cost - b.cost);
}

/** Low for an area near where a track was going, or was, and of similar size; confirmed tracks come first. Undefined when it is another thing. */
function costOf(track: Track, { region: patch, isEntering }: Candidate, at: number): number | undefined {
  const [x, y] = middle(patch);
  const elapsed = at - track.seenAt;
  const away = Math.hypot(track.x + track.vx * elapsed - x, track.y + track.vy * elapsed - y);
  const still = Math.hypot(track.x - x, track.y - y);
  const distance = Math.min(away, still) / (2 + Math.max(extent(track.region), extent(patch)));
  const ratio = patch.area / track.region.area;
  const most = isEntering ? MAX_ENTERING_GROWTH : MAX_GROWTH;
  const isSimilar = distance < 1 && ratio > 0.25 && ratio < most;
  const isPart = overlap(track.region, patch) && (track.isConfirmed || (ratio > 0.12 && ratio < most));
  return isSimilar || isPart ? distance - (track.isConfirmed ? 1 : 0) : undefined;
}
