/**
 * What a camera tells by PullMessages, taken out of what `onvif` makes of the XML. Nothing in it is trusted: cameras leave out parts, and send one
 * of a thing where others send a list.
 */

/** One notification. */
export interface Notice {
  /** Without namespaces: `RuleEngine/CellMotionDetector/Motion`. */
  readonly topic: string;
  /** What it is about, such as the video source or the rule: tells one ON from another. */
  readonly source: string;
  /** The values it brings, by name: `IsMotion` true. */
  readonly data: ReadonlyMap<string, unknown>;
}

const MAX_NOTICES = 100;
const MAX_TEXT = 200;

/** @param answer the `pullMessagesResponse` as `onvif` gives it. */
export function noticesOf(answer: unknown): readonly Notice[] {
  return list(at(answer, 'notificationMessage'))
    .slice(0, MAX_NOTICES)
    .flatMap((message) => {
      const topic = topicOf(at(message, 'topic'));
      if (topic === undefined) return [];
      const body = at(at(message, 'message'), 'message');
      const source = items(at(body, 'source')).map(([name, value]) => `${name}=${String(value)}`);
      return [{ topic, source: source.join(',').slice(0, MAX_TEXT), data: new Map(items(at(body, 'data'))) }];
    });
}

/** Both `tns1:RuleEngine/CellMotionDetector/Motion` and `tns1:RuleEngine/tns1:CellMotionDetector/tns1:Motion` are seen. */
function topicOf(topic: unknown): string | undefined {
  const text = typeof topic === 'object' ? at(topic, '_') : topic;
  if (typeof text !== 'string') return undefined;
  return text
    .trim()
    .slice(0, MAX_TEXT)
    .split('/')
    .map((level) => level.slice(level.indexOf(':') + 1))
    .join('/');
}

function items(part: unknown): Array<[name: string, value: unknown]> {
  return list(at(part, 'simpleItem')).flatMap((item) => {
    const attributes = at(item, '$');
    const name = at(attributes, 'Name');
    return typeof name === 'string' ? [[name, at(attributes, 'Value')] as [string, unknown]] : [];
  });
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}
