import { createReadStream } from 'node:fs';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';

/** Some hundred cameras with every key written out need half of it; parsing more than this takes seconds. */
const MAX_BYTES = 512 * 1024;
const CONTROL = /(?![\t\n\r\u0085])\p{Cc}/u;

/** The text of a config file. Throws ERR_CONFIG_MISSING or, if it cannot be one, ERR_CONFIG_INVALID. */
export async function readConfigText(file: string): Promise<string> {
  const text = decode(await readBytes(file));
  if (text === undefined || CONTROL.test(text)) throw invalid(file, 'is not a text file: expected YAML in UTF-8');
  return text;
}

async function readBytes(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: MAX_BYTES })) chunks.push(chunk as Buffer);
  } catch (error) {
    throw unreadable(file, error);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MAX_BYTES) throw invalid(file, `is larger than ${MAX_BYTES / 1024} KiB: that is no config`);
  return bytes;
}

function unreadable(file: string, cause: unknown): FramegateError {
  switch (systemErrorCode(cause)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FramegateError('ERR_CONFIG_MISSING', `${file} does not exist`, {
        hint: `write one with framegate init -c ${file}`,
        retryable: false,
        cause,
      });
    case 'EISDIR':
      return invalid(file, 'is a folder: expected a YAML file', cause);
    case 'EACCES':
      return invalid(file, 'cannot be read: this user has no permission', cause);
    default:
      return invalid(file, `cannot be read (${systemErrorCode(cause) ?? 'unknown error'})`, cause);
  }
}

const invalid = (file: string, what: string, cause?: unknown) =>
  new FramegateError('ERR_CONFIG_INVALID', `${file} ${what}`, { retryable: false, cause });

const decode = (bytes: Buffer) => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
