/** Motion is compared by windows of this length: a camera tells its motion a second or two later than it happens. */
const WINDOW_MS = 10_000;
/** Windows that count for `lastHour`. */
const RECENT = 360;

export interface AgreementCounts {
  /** Windows in which both saw motion. */
  readonly both: number;
  readonly onlyCamera: number;
  readonly onlyOurs: number;
}

export interface AgreementSnapshot extends AgreementCounts {
  readonly windowSeconds: number;
  readonly lastHour: AgreementCounts;
}

type Outcome = keyof AgreementCounts | 'neither';

interface Window {
  camera: boolean;
  ours: boolean;
}

/**
 * How often the camera's own motion and ours agree. Only windows in which the camera's was heard count. A window in which only one of them
 * saw motion counts as both if the other one saw it in the window before or after.
 */
export class Agreement {
  readonly #counts = { both: 0, onlyCamera: 0, onlyOurs: 0 };
  readonly #recent: Outcome[] = [];
  /** Before the one that is judged next, that one, and the one under way. */
  #before: Window = silence();
  #judged: Window | undefined;
  #current: Window = silence();
  #index: number | undefined;

  /** Lets time pass: call it at least every few seconds. `heard`: the camera's motion is known now. */
  note(at: number, { camera, ours, heard }: Readonly<Window> & { readonly heard: boolean }): void {
    const index = Math.floor(at / WINDOW_MS);
    if (!heard) {
      // What was watched so far has no neighbour to be compared with.
      this.#index = undefined;
      [this.#before, this.#judged, this.#current] = [silence(), undefined, silence()];
      return;
    }
    if (this.#index !== undefined && index > this.#index) this.#turn();
    this.#index = index;
    this.#current.camera ||= camera;
    this.#current.ours ||= ours;
  }

  snapshot(): AgreementSnapshot {
    const lastHour = { both: 0, onlyCamera: 0, onlyOurs: 0 };
    for (const outcome of this.#recent) if (outcome !== 'neither') lastHour[outcome] += 1;
    return { windowSeconds: WINDOW_MS / 1000, ...this.#counts, lastHour };
  }

  #turn(): void {
    const [before, judged, after] = [this.#before, this.#judged, this.#current];
    this.#current = silence();
    this.#judged = after;
    if (!judged) return;
    this.#before = judged;
    const near = (who: keyof Window) => before[who] || judged[who] || after[who];
    const outcome = outcomeOf(judged, near);
    if (outcome !== 'neither') this.#counts[outcome] += 1;
    this.#recent.push(outcome);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }
}

const silence = (): Window => ({ camera: false, ours: false });

function outcomeOf({ camera, ours }: Window, near: (who: keyof Window) => boolean): Outcome {
  if (!camera && !ours) return 'neither';
  if (camera && near('ours')) return 'both';
  if (ours && near('camera')) return 'both';
  return camera ? 'onlyCamera' : 'onlyOurs';
}
