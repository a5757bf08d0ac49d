/** `trigger`: something outside asked for it. */
export type WakeReason = 'start' | 'packets' | 'keyframe' | 'probe' | 'trigger';

/** How one camera is decoded. */
export interface DecodeSnapshot {
  readonly state: 'idle' | 'awake' | 'always';
  /** Why it is in this state, for people. */
  readonly reason: string;
  readonly wakes: Readonly<Record<WakeReason, number>>;
  /** Wakes after which nothing moved. */
  readonly wakesInVain: number;
  /** Seconds from keyframe to keyframe. */
  readonly gopSeconds: number | undefined;
  readonly packets: string;
  /** Fraction of the picture that is masked in the wake decision, because it never rests. */
  readonly restless: number;
  /** Own decoders that were replaced within this session because they died or hung. */
  readonly restarts: number;
  /** Age in ms of the latest frame of an awake camera when it came out. */
  readonly frameAgeMs: number | undefined;
  /** Compressed pictures that are kept, in bytes. */
  readonly keptBytes: number;
}
