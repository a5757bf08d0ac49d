import type { KeyedModel } from './lane.ts';
import type { ExecRunner } from './runner/exec-runner.ts';
import type { LoadedModel } from './worker-protocol.ts';

/** A loaded model. A newer file of the same name is another entry: what runs keeps the one it began with. */
export interface Entry extends KeyedModel {
  readonly about: LoadedModel;
  /** What runs it, if not the workers. */
  readonly runner: ExecRunner | undefined;
  /** What it takes in all workers together, in bytes. */
  readonly memory: number;
  /** How long the load took, with the check of the hash and a first run, in ms. */
  readonly loadMs: number;
  /** Requests that hold it. */
  users: number;
  /** Greater for entries that were asked later. */
  lastUsed: number;
  /** Gone from the registry: unloaded when the last user has left. */
  isRetired: boolean;
}

/** Keeps a model loaded until it is disposed. */
export interface Lease extends Disposable {
  readonly entry: Entry;
  /** This request had to wait for the load. */
  readonly isColdStart: boolean;
}
