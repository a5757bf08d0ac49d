/**
 * `${…}` in the text of a config file: finding it, replacing it, and keeping it out of YAML's way.
 */

/** `$${` is a literal `${`; `${body}` is a reference; a `${` that is never closed has no body. */
const REFERENCE = /\$\$\{|\$\{(?:([^{}\s"']*)\})?/g;
const BRACES = /\$\{([^{}\s"']*)\}/g;
/** Noncharacters, meant for use inside a program: no text holds them. */
const OPEN = '\uFDD0';
const CLOSE = '\uFDD1';

/**
 * Hides the braces of references, so that `{ url: rtsp://user:${PASSWORD}@host/ }` is YAML although a plain scalar in a flow map may not
 * hold braces. Lengths stay the same, and with them all positions.
 */
export function hideBraces(text: string): string {
  return text.replace(BRACES, `$$${OPEN}$1${CLOSE}`);
}

/** Undoes `hideBraces`. */
export function showBraces(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}

/** `text` with each reference blotted out by as many `x`, for who must not look into them. */
export function maskReferences(text: string): string {
  return text.replace(BRACES, (reference) => 'x'.repeat(reference.length));
}

/** True if `text` has something for `replaceReferences` to do. */
export function hasReferences(text: string): boolean {
  return text.includes('${');
}

/** Replaces each reference by what `replace` answers for its body (undefined: never closed) and offset; `$${` becomes `${`. */
export function replaceReferences(text: string, replace: (body: string | undefined, offset: number) => string): string {
  return text.replace(REFERENCE, (whole, body: string | undefined, offset: number) =>
    whole === '$${' ? '${' : replace(body, offset),
  );
}
