/**
 * Which ffmpeg program is used: the configured one, else the newer of the bundled build (@ffmpeg-installer) and the system's.
 */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { FramegateError } from '../lib/errors.ts';

export interface FfmpegBuild {
  readonly path: string;
  /** As the program prints it: `5.1.9-0+deb12u1`, or `N-47683-g0e8eb07980-static` for a build between releases. */
  readonly version: string;
  /** Version of its libavcodec, the one number that orders all builds: 58.42 is of 2018, 59.37 is FFmpeg 5.1. */
  readonly libavcodec: number;
  readonly origin: 'configured' | 'bundled' | 'system';
}

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 10_000;

/** Throws ERR_FFMPEG_MISSING when the configured program, or any program at all, cannot be run. */
export async function findFfmpeg(configured?: string): Promise<FfmpegBuild> {
  if (configured !== undefined) {
    const build = await inspect(configured, 'configured');
    if (build) return build;
    throw new FramegateError('ERR_FFMPEG_MISSING', `ffmpeg.path ${configured} is no ffmpeg that runs`, {
      hint: 'correct ffmpeg.path, or leave it out to use the bundled build',
      retryable: false,
    });
  }
  const bundledPath = bundled();
  const candidates = await Promise.all([
    bundledPath ? inspect(bundledPath, 'bundled') : undefined,
    inspect('ffmpeg', 'system'),
  ]);
  const found = candidates.filter((build) => build !== undefined).sort((a, b) => b.libavcodec - a.libavcodec)[0];
  if (found) return found;
  throw new FramegateError('ERR_FFMPEG_MISSING', 'no ffmpeg runs on this machine', {
    hint: 'install it (apt install ffmpeg), or set ffmpeg.path',
    retryable: false,
  });
}

/** Path of the bundled build; undefined where the package has none for this platform. */
function bundled(): string | undefined {
  try {
    const { path } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string };
    return path;
  } catch {
    return undefined; // the package throws on platforms that it has no binary for
  }
}

async function inspect(path: string, origin: FfmpegBuild['origin']): Promise<FfmpegBuild | undefined> {
  try {
    if (path.includes('/')) await access(path, constants.X_OK);
    const { stdout } = await run(path, ['-hide_banner', '-version'], { timeout: PROBE_TIMEOUT_MS });
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
    const libavcodec = /libavcodec\s+(\d+)\.\s*(\d+)/.exec(stdout);
    if (!version || !libavcodec) return undefined;
    return { path, version, libavcodec: Number(libavcodec[1]) + Number(libavcodec[2]) / 1000, origin };
  } catch {
    return undefined; // not there or not runnable: the caller says what that means
  }
}

/** Finds the program once, on first use; what was not found is looked for again, as it may be installed meanwhile. */
export function createFfmpegFinder(configured?: string): () => Promise<FfmpegBuild> {
  let found: Promise<FfmpegBuild> | undefined;
  return () => {
    found ??= findFfmpeg(configured).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}
