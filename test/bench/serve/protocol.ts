/**
 * What the benchmark and the process that plays its cameras tell each other, over Node's IPC.
 */

/** One camera. Files are read once, however many cameras play them. */
export interface CameraSpec {
  readonly file: string;
  readonly fps: number;
  /** Seconds from keyframe to keyframe. */
  readonly gopSeconds: number;
  /** Seconds into the stream at which it starts. */
  readonly phase: number;
}

export type ServeRequest = { readonly id: number } & (
  | { readonly ask: 'open'; readonly cameras: readonly CameraSpec[] }
  /** Camera number `camera` goes on with another file, from its start, when the GOP under way is over. */
  | { readonly ask: 'switch'; readonly camera: number; readonly file: string }
  | { readonly ask: 'look' }
);

export interface CameraView {
  readonly url: string;
  /** Clients that play now. */
  readonly clients: number;
  readonly closedAsSlow: number;
  /** Connections ever accepted. */
  readonly accepted: number;
  /** Second of the stream that is played now. */
  readonly position: number;
}

export interface ServeReply {
  /** Of the request. */
  readonly id: number;
  /** Milliseconds since the epoch, at which the rest is true. */
  readonly time: number;
  readonly cameras: readonly CameraView[];
  readonly error?: string;
}
