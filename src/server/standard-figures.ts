/**
 * The gauges that clients of the standard API know: how many inferences and errors each model had in the last ten seconds, and how long
 * they took. They have the model in their name, which our own metrics do not.
 */
const WINDOW_MS = 10_000;
/** Of one model in the window; beyond it the oldest are forgotten. */
const MAX_EVENTS = 10_000;

interface Event {
  readonly at: number;
  /** Undefined for an error. */
  readonly seconds: number | undefined;
}

export class StandardFigures {
  readonly #events = new Map<string, Event[]>();

  /** `seconds` undefined: an error. */
  add(ref: string, seconds: number | undefined): void {
    const events = this.#events.get(ref) ?? [];
    events.push({ at: performance.now(), seconds });
    if (events.length > MAX_EVENTS) events.shift();
    this.#events.set(ref, events);
  }

  /** In the text format of Prometheus. */
  text(): string {
    const oldest = performance.now() - WINDOW_MS;
    const lines: string[] = [];
    const all: Event[] = [];
    for (const [ref, events] of this.#events) {
      const recent = events.filter(({ at }) => at >= oldest);
      this.#events.set(ref, recent);
      all.push(...recent);
      lines.push(...gauges(ref.replace(/[^a-zA-Z0-9_]/g, '_'), recent));
    }
    return [...lines, ...gauges('total', all), ''].join('\n');
  }
}

function gauges(name: string, events: readonly Event[]): string[] {
  const times = events.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
  const mean = times.length > 0 ? times.reduce((sum, seconds) => sum + seconds, 0) / times.length : 0;
  return [
    [`num_inferences_${name}`, times.length],
    [`avg_inference_time_${name}`, mean],
    [`num_errors_${name}`, events.length - times.length],
  ].flatMap(([gauge, value]) => [`# TYPE ${gauge} gauge`, `${gauge} ${value}`]);
}
