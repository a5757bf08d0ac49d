import { pairs } from './association.ts';
import { type Clutter, FAIR } from './clutter.ts';
import { type Looks, TAKEN_AWAY } from './looks.ts';
import { type Candidate, extent, hasTravelled, middle, overlap, STIR, type Track } from './track.ts';

/** A thing is taken for gone when it was not seen for this long and for two frames. */
const PATIENCE_MS = 700;
/** Evidence that is not fed fades at this rate, so that weak evidence never adds up. */
const LEAK = 0.4;
/** The same while it does not stir: a picture that was shown twice says little. */
const REST_LEAK = 0.1;
/** A frame shows what lasts at least this long; not long enough by itself. */
const FRAME_MS = 100;
/** The same for what enters the picture: drops, flakes and flashes appear inside it, and what enters is seen in part only. */
const ENTRY_MS = 200;
/** It is there for so long when frames are five a second, at uneven times, or fewer; after a longer gap nothing is known to have entered. */
const ENTRY_GAP_MS = 150;
const MAX_ENTRY_GAP_MS = 1000;
const MISSED = 0.5;
/** In the worst weather, things must prove themselves for this many times longer. */
const MAX_DELAY = 10;
/** What moves less than this, see `Looks.fresh`, rests: nothing speaks for or against it. */
export const FRESH = 0.1;
/** What is gone this soon was no thing, but an insect before the lens. */
const BRIEF_MS = 1000;
/** What moves changes more of its pixels the longer the frame before is ago: this part per second, besides `STIR`. */
const STIR_PER_SECOND = 0.2;
/** More evidence than this is not kept: a tree that blew for an hour is forgotten within seconds. */
const MAX_EVIDENCE_MS = 2000;
/** Evidence for this part of the time asked for is enough: sums of fractions fall short a little. */
const ENOUGH = 0.95;
/** Straight travel counts over this time at least, and this part of the way must be net. */
const TRAVEL_MS = 600;
const MAX_TRAVEL_MS = 3000;
const STRAIGHT = 0.7;
/** Travel vouches for things that look like leaves or light, but not fully. */
const TRAVEL_NOVELTY = 0.7;

/** Follows areas and says which of them are things: there for a while, unlike the background, or on their way. */
export interface Tracks {
  readonly all: readonly Track[];
  /** @param doubt by how many times longer than `confirmMs` things must be seen, 1 or more. */
  update(candidates: readonly Candidate[], at: number, dt: number, confirmMs: number, doubt: number): void;
}

export function createTracks(clutter: Clutter): Tracks {
  let all: Track[] = [];

  const follow = (
    track: Track,
    { region, looks, isWanted }: Candidate,
    at: number,
    confirmMs: number,
    doubt: number,
  ) => {
    const elapsed = Math.max(1, at - track.seenAt);
    const [x, y] = middle(region);
    const [dx, dy] = [x - track.x, y - track.y];
    track.vx += 0.5 * (dx / elapsed - track.vx);
    track.vy += 0.5 * (dy / elapsed - track.vy);
    track.way += Math.hypot(dx, dy);
    const time = Math.min(elapsed, confirmMs);
    const stir = stirOf(looks, elapsed);
    if (!track.isConfirmed || looks.fresh >= FRESH) {
      const usual = clutter.at(region);
      const gained = noveltyOf(looks, travels(track, x, y, at, usual + 2 * looks.swaying), usual);
      const rest = track.isConfirmed ? 0 : REST_LEAK * (1 - stir);
      const change = time * (stir * (gained * (1 + LEAK) - LEAK) - rest);
      track.evidence = Math.min(MAX_EVIDENCE_MS, Math.max(0, track.evidence + change));
    }
    if (track.evidence >= ENOUGH * doubt * confirmAfter(clutter.weather(region), confirmMs)) track.isConfirmed = true;
    if (track.evidence === 0) {
      if (track.isConfirmed) clutter.add(region, 1);
      track.isConfirmed = false;
    }
    Object.assign(track, { region, looks, isWanted, x, y, seenAt: at, isSeen: true });
  };

  const begin = (candidate: Candidate, at: number, dt: number, confirmMs: number): Track => {
    const { region, looks, isEntering } = candidate;
    const weather = clutter.weather(region);
    const isEntry = isEntering && dt >= ENTRY_GAP_MS && dt <= MAX_ENTRY_GAP_MS;
    const time = isEntry ? ENTRY_MS : Math.min(dt, FRAME_MS);
    const evidence = (time * noveltyOf(looks, false, clutter.at(region))) / (1 + weather);
    const isConfirmed = isEntering && evidence >= ENOUGH * confirmAfter(weather, confirmMs);
    return born(candidate, at, evidence, isConfirmed);
  };

  const lose = (track: Track) => {
    if (!track.isConfirmed) clutter.add(track.region, 0.4);
    else if (track.seenAt - track.bornAt < BRIEF_MS) clutter.add(track.region, 2);
    else if (!hasTravelled(track)) clutter.add(track.region, 0.2);
  };

  return {
    get all() {
      return all;
    },
    update(candidates, at, dt, confirmMs, doubt) {
      clutter.decay(
        dt,
        candidates.filter(({ isFading }) => !isFading).map(({ region }) => region),
      );
      for (const track of all) track.isSeen = false;
      const unknown = new Set(candidates);
      for (const { track, candidate } of pairs(all, candidates, at, clutter)) {
        if (track.isSeen || !unknown.delete(candidate)) continue;
        follow(track, candidate, at, confirmMs, doubt);
      }
      const fresh = [...unknown]
        .filter(
          ({ region, isFading }) => !isFading && !all.some((track) => track.isSeen && overlap(track.region, region)),
        )
        .map((candidate) => begin(candidate, at, dt, confirmMs));
      for (const track of all)
        if (!track.isSeen) track.evidence = Math.max(0, track.evidence - MISSED * Math.min(dt, confirmMs));
      const patience = Math.max(PATIENCE_MS, 2.5 * dt);
      const gone = all.filter((track) => at - track.seenAt > patience);
      for (const track of gone) lose(track);
      all = [...all.filter((track) => at - track.seenAt <= patience), ...fresh];
    },
  };
}

/** For how long something must be seen. */
function confirmAfter(weather: number, confirmMs: number): number {
  const bad = Math.max(0, weather - FAIR);
  return confirmMs * Math.min(MAX_DELAY, 1 + bad * (1 + bad / 2));
}

/** How much a sighting speaks for a thing, 0..1. */
function noveltyOf(looks: Looks, isTravelling: boolean, clutter: number): number {
  const unlikeLight = Math.max(ramp(looks.edges, 0.1, 0.25), ramp(looks.rim, 0.1, 0.2));
  // Ground that a thing has uncovered looks like its surroundings, as leaves do.
  const unlikeLeaves = looks.gone > TAKEN_AWAY ? 1 : 1 - ramp(looks.swaying, 0.4, 0.7);
  const usual = 1 / (1 + clutter);
  const novelty = unlikeLeaves * usual;
  return unlikeLight * (isTravelling ? Math.max(TRAVEL_NOVELTY, novelty) : novelty);
}

/** How much of it moves, 0..1. */
function stirOf({ stirring }: Looks, elapsed: number): number {
  const least = STIR + STIR_PER_SECOND * Math.min(1, Math.max(100, elapsed) / 1000);
  return ramp(stirring, least / 2, least);
}

function travels(track: Track, x: number, y: number, at: number, doubt: number): boolean {
  const net = Math.hypot(x - track.originX, y - track.originY);
  const time = Math.min(MAX_TRAVEL_MS, TRAVEL_MS * (1 + doubt));
  return at - track.bornAt >= time && net > STRAIGHT * track.way && net > extent(track.region) / 2;
}

function born({ region, looks, isWanted }: Candidate, at: number, evidence: number, isConfirmed: boolean): Track {
  const [x, y] = middle(region);
  const still = { vx: 0, vy: 0, originX: x, originY: y, way: 0, evidence };
  return { region, looks, isWanted, isConfirmed, isSeen: true, bornAt: at, seenAt: at, x, y, ...still };
}

function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
