/**
 * What commands see of the process they run in. Only main.ts touches signals and exit codes.
 */
export interface Cli {
  readonly env: NodeJS.ProcessEnv;
  /** Aborts when the user wants to stop. */
  readonly signal: AbortSignal;
  /** True if people watch stderr. */
  readonly isTerminal: boolean;
  /** Data, to stdout; a line break is added. Commands see to it themselves that no password is in it. */
  print(text: string): void;
  /** Talk, to stderr, with URLs and secrets redacted; a line break is added. */
  say(text: string): void;
  /** Draws over the last line that `draw` drew; nothing where stderr is no terminal. */
  draw(text: string): void;
  /** Values that `say` must never show. */
  conceal(secrets: readonly string[]): void;
  /** Ends the command with this exit code although nothing was thrown: the answer is no. */
  fail(code: number): void;
  /** Calls `listener` on each SIGHUP. */
  onHangup(listener: () => void): void;
}

export const EXIT = { ok: 0, failure: 1, usage: 2, badConfig: 78, interrupted: 130 } as const;
