import { randomBytes } from 'node:crypto';
import { chown, type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';

/** For a file that was not there before: it may hold passwords. */
const PRIVATE = 0o600;

/** Replaces a file at once: who reads it sees the old text or the new one. Follows links and keeps mode and owner. */
export async function replaceFile(file: string, text: string): Promise<void> {
  try {
    const target = await realpath(file);
    const { mode, uid, gid } = await stat(target);
    await writeBeside(target, text, mode & 0o777, (temporary) => chown(temporary, uid, gid));
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Creates a file with mode 0600, and its folder. Throws ERR_USAGE if there is one already, unless `overwrite`. */
export async function createFile(file: string, text: string, overwrite: boolean): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    if (overwrite) return await writeBeside(file, text, PRIVATE);
    await using handle = await open(file, 'wx', PRIVATE);
    await writeDurably(handle, text);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw unwritable(file, error);
    throw new FramegateError('ERR_USAGE', `${file} exists`, {
      hint: 'nothing was written; --force replaces it',
      retryable: false,
    });
  }
}

async function writeBeside(
  target: string,
  text: string,
  mode: number,
  prepare: (temporary: string) => Promise<void> = async () => undefined,
): Promise<void> {
  const temporary = join(dirname(target), `.framegate-${randomBytes(6).toString('hex')}.tmp`);
  try {
    await using handle = await open(temporary, 'wx', mode);
    await prepare(temporary);
    // After the change of owner, which may take bits away, and regardless of the umask.
    await handle.chmod(mode);
    await writeDurably(handle, text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeDurably(handle: FileHandle, text: string): Promise<void> {
  await handle.writeFile(text);
  await handle.sync();
}

function unwritable(file: string, cause: unknown): FramegateError {
  const code = systemErrorCode(cause);
  if (code === 'ENOSPC') return new FramegateError('ERR_DISK_FULL', `no space left to write ${file}`, { cause });
  const hint =
    code === 'EBUSY' ? 'mount its folder into the container, not the file' : 'run this as the user it belongs to';
  return new FramegateError('ERR_CONFIG_INVALID', `${file} cannot be written (${code ?? 'unknown error'})`, {
    cause,
    hint,
    retryable: false,
  });
}
