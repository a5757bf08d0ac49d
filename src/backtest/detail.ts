/**
 * What a report shows of a clip beyond its score: a curve, a heat map, and pictures.
 */
import type { Box } from '../lib/box.ts';
import type { MotionState } from '../motion/motion.ts';
import type { DecodeSnapshot } from '../source/decode/decode-snapshot.ts';
import type { Interval } from './truth.ts';

/** Motion of one frame. */
export interface Sample {
  /** Seconds from the first frame. */
  readonly t: number;
  readonly score: number;
  readonly state: MotionState;
}

/** From this time on the camera decoded like this. */
export interface DecodeChange {
  readonly t: number;
  readonly state: DecodeSnapshot['state'];
}

/** A picture of a moment. */
export interface Snapshot {
  readonly t: number;
  /** Why it was taken: the gate opened, or truth says that something moves. */
  readonly of: 'event' | 'truth';
  readonly jpeg: Uint8Array;
  /** Where something moved. */
  readonly regions: readonly Box[];
}

/** In how many frames something moved in each cell of the picture, row by row. */
export interface HeatMap {
  readonly columns: number;
  readonly rows: number;
  readonly counts: readonly number[];
}

/** What the model said of one triggered frame. */
export type Answer = { readonly t: number } & (
  | { readonly verdict: 'ok'; readonly labels: readonly { readonly label: string; readonly score: number }[] }
  | { readonly verdict: 'unknown'; readonly reason: string }
);

export interface ClipDetail {
  readonly samples: readonly Sample[];
  readonly decoding: readonly DecodeChange[];
  readonly heat: HeatMap;
  readonly snapshots: readonly Snapshot[];
  /** The scene at the start of the clip. */
  readonly scene: Uint8Array | undefined;
}

/** What one set of settings made of a clip. Times in seconds from its first frame. */
export interface VariantRun {
  readonly events: readonly Interval[];
  readonly seen: readonly number[];
  readonly triggered: readonly number[];
  /** Sent because of `trigger.every`; not among `triggered`. */
  readonly framesByTime: number;
  readonly framesDecoded: number;
}

export interface ClipOutcome {
  readonly seconds: number;
  /** Pictures of the clip. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  /** What is unusual about the clip, for people. */
  readonly notes: readonly string[];
  /** One for each set of settings, in their order. */
  readonly runs: readonly VariantRun[];
  /** Of the first set of settings, if asked for. */
  readonly detail: ClipDetail | undefined;
  /** Of the first set of settings, if asked for. */
  readonly answers: readonly Answer[] | undefined;
  /** With all of its children. */
  readonly cpuSeconds: number;
}
