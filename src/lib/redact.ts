/**
 * Keeps secrets out of everything that a person or another program may read.
 */

/** `user:password@` up to the last `@`, as a password may hold any character; `user@` only where no path can be meant. */
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/:'"]*:[^\s'"]*@|[^\s/'"]*@)/gi;

/** `user:${NAME}@`: what stands in a config instead of a password, and is none. */
const REFERENCE_ONLY = /:\/\/[^:@]*:\$\{[^{}@]*\}@$/;

/** Replaces the credentials of every URL in `text` by `***`, whatever characters the password has. */
export function redactUrls(text: string): string {
  return text.replace(URL_CREDENTIALS, (credentials, scheme: string) =>
    REFERENCE_ONLY.test(credentials) ? credentials : `${scheme}***@`,
  );
}

/** Shorter ones are found everywhere, and blotting them out would tell what they are. */
const MIN_SECRET_LENGTH = 3;

/** Replaces each of `secrets` in `text` by `***`, then the credentials of URLs. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= MIN_SECRET_LENGTH) clean = clean.replaceAll(secret, '***');
  return redactUrls(clean);
}
