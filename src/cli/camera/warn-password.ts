import { redactUrls } from '../../lib/redact.ts';
import type { Cli } from '../cli.ts';

/** Says so when a URL with a password goes into the config, and shows how to keep the password out of it. */
export async function warnOfPassword(cli: Cli, file: string, id: string, url: unknown): Promise<void> {
  if (typeof url !== 'string') return;
  const { findCredentials, passwordsIn } = await import('../../config/url-credentials.ts');
  const { hasReferences } = await import('../../config/references.ts');
  const [password] = passwordsIn(url);
  const found = findCredentials(url);
  if (!found || !password || hasReferences(password)) return;
  const name = `${id.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
  const user = url.slice(found.start, found.end).split(':')[0];
  const better = `${url.slice(0, found.start)}${user}:\${${name}}${url.slice(found.end)}`;
  cli.say(`warning: the password of ${redactUrls(url)} is stored in ${file}. To keep it out of the file, write`);
  cli.say(`  ${better}`);
  cli.say(`and set ${name} in the environment of the gateway`);
}
