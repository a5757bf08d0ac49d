/**
 * Whether the sizes of packets tell motion on this very stream: they do perfectly at constant quality, and not at all at strictly constant bit
 * rate or in night noise. So trust is earned, by day and by night apart, on stretches that were decoded: each onset of motion that packets told
 * or missed counts, and each quiet stretch in which they raised a false alarm.
 */

/** Onsets that must have been told, and the share that may be missed. */
const MIN_ONSETS = 3;
const MAX_MISSED = 0.1;
/**
 * With more false alarms an onset would be told by chance. Fewer are no reason for mistrust: packets also tell what is too small for the
 * detector.
 */
const MAX_FALSE = 0.2;
/** One is no rule yet: with one in three, three onsets would be told by chance once in 27 times. */
const ALWAYS_FORGIVEN = 1;
/** Quiet stretches that must have been looked at before the share of false alarms means anything. */
const MIN_QUIET = 3;
/** Weight of the past at each new observation of the same kind: a camera's scene and settings change. */
const MEMORY = 0.97;
/** Mean gray level below which it is night. */
const NIGHT_LUMA = 50;

interface Record {
  told: number;
  missed: number;
  quiet: number;
  alarms: number;
}

export class PacketTrust {
  readonly #records = { day: empty(), night: empty() };
  #time: 'day' | 'night' = 'day';

  /** Tells how bright the picture is, as the mean of its gray levels. */
  light(mean: number): void {
    // With some distance between falling asleep and waking up, or dusk would flicker.
    if (mean < NIGHT_LUMA) this.#time = 'night';
    else if (mean > NIGHT_LUMA * 1.2) this.#time = 'day';
  }

  /** Motion began in a decoded stretch. */
  onset(told: boolean): void {
    const record = this.#records[this.#time];
    record.told = record.told * MEMORY + (told ? 1 : 0);
    record.missed = record.missed * MEMORY + (told ? 0 : 1);
  }

  /** A decoded stretch was quiet. */
  quiet(alarm: boolean): void {
    const record = this.#records[this.#time];
    record.quiet = record.quiet * MEMORY + 1;
    record.alarms = record.alarms * MEMORY + (alarm ? 1 : 0);
  }

  /** Enough was seen for a verdict. */
  get #isJudged(): boolean {
    const { told, missed, quiet } = this.#records[this.#time];
    return told + missed >= MIN_ONSETS * 0.9 && quiet >= MIN_QUIET * 0.9;
  }

  get isTrusted(): boolean {
    const { told, missed, quiet, alarms } = this.#records[this.#time];
    if (!this.#isJudged) return false;
    return missed / (told + missed) <= MAX_MISSED && alarms <= Math.max(ALWAYS_FORGIVEN, MAX_FALSE * quiet);
  }

  /** For people: what the judgement rests on. */
  describe(): string {
    const { told, missed, quiet, alarms } = this.#records[this.#time];
    const [onsets, stretches] = [told + missed, quiet].map(Math.round);
    const counts = `by ${this.#time} they told ${Math.round(told)} of ${onsets} onsets, with ${Math.round(alarms)} false alarms in ${stretches} quiet stretches`;
    if (!this.#isJudged) return `not trusted: ${counts} so far, ${MIN_ONSETS} of each are needed for a verdict`;
    return `${this.isTrusted ? 'trusted' : 'not trusted'}: ${counts}`;
  }
}

const empty = (): Record => ({ told: 0, missed: 0, quiet: 0, alarms: 0 });
