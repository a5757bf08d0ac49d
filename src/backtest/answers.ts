import type { Answer } from './detail.ts';
import type { Interval } from './truth.ts';

/** What the model said of the frames of one event. */
export interface EventAnswers {
  readonly event: Interval;
  /** Best score of each label, best first. */
  readonly labels: Readonly<Record<string, number>>;
  /** Frames without an answer, by reason: what was in them is not known. */
  readonly unknown: Readonly<Record<string, number>>;
  /** Frames that were answered, and those of them with nothing in them. */
  readonly answered: number;
  readonly for_nothing: number;
  /** `something`, `nothing`, or `unknown` when not one frame was answered. */
  readonly verdict: 'something' | 'nothing' | 'unknown';
}

export interface Answers {
  readonly sent: number;
  readonly answered: number;
  readonly for_nothing: number;
  readonly unknown: Readonly<Record<string, number>>;
  readonly events: readonly EventAnswers[];
}

export function answersOf(answers: readonly Answer[], events: readonly Interval[]): Answers {
  return {
    sent: answers.length,
    ...countsOf(answers),
    events: events.map(([start, end]) =>
      eventOf(
        [start, end],
        answers.filter(({ t }) => t >= start && t <= end),
      ),
    ),
  };
}

function eventOf(event: Interval, answers: readonly Answer[]): EventAnswers {
  const best = new Map<string, number>();
  for (const answer of answers) {
    if (answer.verdict !== 'ok') continue;
    for (const { label, score } of answer.labels) best.set(label, Math.max(score, best.get(label) ?? 0));
  }
  const labels = Object.fromEntries([...best].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
  const counts = countsOf(answers);
  const answeredVerdict = best.size > 0 ? 'something' : 'nothing';
  return { event, labels, ...counts, verdict: counts.answered > 0 ? answeredVerdict : 'unknown' };
}

function countsOf(answers: readonly Answer[]) {
  const unknown: Record<string, number> = {};
  let answered = 0;
  let nothing = 0;
  for (const answer of answers) {
    if (answer.verdict === 'unknown') unknown[answer.reason] = (unknown[answer.reason] ?? 0) + 1;
    else {
      answered += 1;
      if (answer.labels.length === 0) nothing += 1;
    }
  }
  return { unknown, answered, for_nothing: nothing };
}
