/**
 * The `user:password@` of a URL, as people write it. The rule, in three sentences:
 * the credentials end at the last `@` before the path, so a raw `@` in a password is fine; what URLs reserve is percent-encoded, `%41` stays
 * as it is, and a `%` without two hex digits after it is a literal one; a secret put in by `${…}` is encoded as a whole, unless it already is
 * the exact percent-encoding of something.
 */

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(:\d*)?$/;

/** Where the credentials of a URL stand, without the `@`; undefined if `text` is no URL or has none. */
export function findCredentials(text: string): { readonly start: number; readonly end: number } | undefined {
  const scheme = SCHEME.exec(text);
  if (!scheme) return undefined;
  const start = scheme[0].length;
  const slash = text.indexOf('/', start);
  const authorityEnd = slash < 0 ? text.length : slash;
  const authority = text.slice(start, authorityEnd);
  let at = authority.lastIndexOf('@');
  // A raw `/` in the password: what stands before it is then no host.
  if (at < 0 && !HOST_AND_PORT.test(authority.replace(/[?#].*/, ''))) at = text.lastIndexOf('@') - start;
  return at < 0 ? undefined : { start, end: start + at };
}

/** Where path and query of a URL begin; undefined if `text` is no URL or has none. */
export function findPath(text: string): number | undefined {
  const scheme = SCHEME.exec(text);
  const slash = scheme ? text.indexOf('/', findCredentials(text)?.end ?? scheme[0].length) : -1;
  return slash < 0 ? undefined : slash;
}

/** The URL with its credentials percent-encoded where they are not yet; any other text unchanged. */
export function encodeCredentials(text: string): string {
  const found = findCredentials(text);
  if (!found) return text;
  const credentials = splitAtColon(text.slice(found.start, found.end)).map(encodeRaw).join(':');
  return text.slice(0, found.start) + credentials + text.slice(found.end);
}

/** A secret as it stands inside credentials. `whole`: it is all of them, so that its first colon separates user and password. */
export function encodeSecret(secret: string, whole: boolean): string {
  return whole ? splitAtColon(secret).map(encodeUnlessEncoded).join(':') : encodeUnlessEncoded(secret);
}

/** The password of a URL, as it stands there and decoded; empty if it has none. */
export function passwordsIn(text: string): string[] {
  const found = findCredentials(text);
  const password = found && splitAtColon(text.slice(found.start, found.end))[1];
  if (!password) return [];
  return [password, decode(password) ?? password];
}

/** The URL with `***` for its password. */
export function hidePassword(text: string): string {
  const found = findCredentials(text);
  const [user, password] = found ? splitAtColon(text.slice(found.start, found.end)) : [];
  if (!found || password === undefined) return text;
  return `${text.slice(0, found.start)}${user}:***${text.slice(found.end)}`;
}

function splitAtColon(credentials: string): string[] {
  const colon = credentials.indexOf(':');
  return colon < 0 ? [credentials] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
}

const encodeRaw = (text: string) =>
  text.replace(/(%[0-9a-f]{2})|./gisu, (part, encoded?: string) => encoded ?? encodeAll(part));

const encodeUnlessEncoded = (secret: string) => {
  const decoded = decode(secret);
  if (decoded === undefined || decoded === secret) return encodeAll(secret);
  const canonical = (text: string) => text.replace(/%[0-9a-f]{2}/gi, (part) => part.toUpperCase());
  return canonical(encodeAll(decoded)) === canonical(secret) ? secret : encodeAll(secret);
};

/** A lone half of a surrogate pair has no encoding; it becomes U+FFFD as in the WHATWG URL standard. */
const encodeAll = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
