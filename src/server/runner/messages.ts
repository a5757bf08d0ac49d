/**
 * The runner protocol, version 1: how a program of any language runs a model for this server. Described for its authors in
 * `models/runners/README.md`.
 */
import { z } from 'zod';
import type { ModelInput } from '../../models/manifest.ts';

export const RUNNER_PROTOCOL = 1;

/** Name of the environment variable with the path of the socket. */
export const SOCKET_VARIABLE = 'FRAMEGATE_RUNNER_SOCKET';

/** First message to the runner. */
interface HelloMessage {
  readonly type: 'hello';
  readonly protocol: typeof RUNNER_PROTOCOL;
  /** `project/version`. */
  readonly model: string;
  /** Path of the model's file. */
  readonly file: string;
  readonly labels: readonly string[];
  /** How the pixels of each frame are arranged. */
  readonly input: ModelInput;
  /** From the manifest, as they stand. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A frame; its pixels follow. */
interface FrameMessage {
  readonly type: 'frame';
  readonly id: number;
}

interface HealthMessage {
  readonly type: 'health';
  readonly id: number;
}

export type ToRunner = HelloMessage | FrameMessage | HealthMessage;

/** x1, y1, x2, y2 in fractions of the input, score 0..1, class. */
const box = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.int().min(0)]);

const ready = z.object({
  type: z.literal('ready'),
  protocol: z.literal(RUNNER_PROTOCOL),
  /** Name and version, for logs. */
  runner: z.string().default('runner'),
  /** Instead of those of the manifest. */
  labels: z.array(z.string().min(1)).min(1).optional(),
  /** Frames that may be under way at once. */
  concurrency: z.int().min(1).max(16).default(1),
});

export const fromRunner = z.discriminatedUnion('type', [
  ready,
  z.object({ type: z.literal('boxes'), id: z.int(), boxes: z.array(box).max(10_000) }),
  z.object({ type: z.literal('health'), id: z.int(), ok: z.boolean(), message: z.string().default('') }),
  /** With `id`: about that frame. Without: the runner cannot work and ends. */
  z.object({ type: z.literal('error'), id: z.int().optional(), message: z.string() }),
]);

export type FromRunner = z.output<typeof fromRunner>;
export type RunnerReady = z.output<typeof ready>;
export type RunnerBox = z.output<typeof box>;
