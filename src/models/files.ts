/**
 * Files that must be whole: hashed while read, on the disk before they count.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';

export interface Digest {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Reads the whole file, giving each chunk to `use` as well. */
export async function digestFile(path: string, use?: (chunk: Buffer) => Promise<void>): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    await use?.(chunk);
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Copies a file, waits until the copy would survive a power cut, and returns the digest of what was copied. */
export async function copyDurably(from: string, to: string): Promise<Digest> {
  await using file = await open(to, 'wx');
  const digest = await digestFile(from, (chunk) => writeAll(file, chunk));
  await file.sync();
  return digest;
}

/** Writes all of `chunk` at `position` (default: where the last write ended); a single write may stop short when the disk fills up. */
export async function writeAll(file: FileHandle, chunk: Uint8Array, position?: number): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    const at = position === undefined ? null : position + offset;
    const { bytesWritten } = await file.write(chunk, offset, chunk.length - offset, at);
    offset += bytesWritten;
  }
}

export async function writeDurably(path: string, content: string): Promise<void> {
  await using file = await open(path, 'wx');
  await file.writeFile(content);
  await file.sync();
}

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** Turns "no space left" into an error with a way out; returns every other error as it is. */
export function explainDiskError(error: unknown, path: string): unknown {
  const code = systemErrorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new FramegateError('ERR_DISK_FULL', `no space left for ${path}`, {
    cause: error,
    hint: 'free some space there, or put the models elsewhere with FRAMEGATE_DATA_DIR, then run the command again',
  });
}
