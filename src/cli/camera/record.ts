import type { Command } from 'commander';
import type { FfmpegBuild } from '../../ffmpeg/build.ts';
import type { Recorded } from '../../ffmpeg/record.ts';
import { FramegateError, isFramegateError } from '../../lib/errors.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, openConfig, withConfigOption } from '../config-option.ts';
import { durationArgument } from '../duration-option.ts';

interface Options extends ConfigOption {
  readonly duration: number;
  readonly out?: string;
  readonly audio?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addCameraRecord(camera: Command, cli: Cli): void {
  withConfigOption(
    camera.command('record <id>').description('keep the stream of a camera as it is, for framegate backtest'),
  )
    .option('--duration <time>', 'how long', durationArgument, 600_000)
    .option('--out <file>', 'file to write, .mp4 or .mkv (default: the id with date and time, .mp4)')
    .option('--audio', 'with sound, if the camera sends any')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print one JSON document')
    .action((id: string, options: Options) => record(cli, id, options));
}

async function record(cli: Cli, id: string, options: Options): Promise<void> {
  const { cameraOf } = await import('./camera-of.ts');
  const { config } = await openConfig(cli, options);
  const camera = cameraOf(config, id);
  const { findFfmpeg } = await import('../../ffmpeg/build.ts');
  const { preflight } = await import('../../source/preflight.ts');
  const build = await findFfmpeg(config.ffmpeg.path);
  const file = options.out ?? defaultFile(id, options.audio ? 'mkv' : 'mp4');
  await prepareFile(file, options.force ?? false);
  cli.draw('opening the stream ...');
  await preflight(camera.url, camera.decode.stallTimeout, cli.signal);
  if (cli.signal.aborted) return;
  const recording = {
    build,
    url: camera.url,
    durationMs: options.duration,
    stallTimeoutMs: camera.decode.stallTimeout,
  };
  const { recorded, written } = await write(
    cli,
    id,
    { ...recording, audio: options.audio ?? false },
    file,
    options.out === undefined,
  );
  cli.draw('');
  if (options.json) cli.print(JSON.stringify({ camera: id, file: written, ...recorded }, null, 2));
  else cli.print(written);
  cli.say(`${cli.signal.aborted ? 'stopped after' : 'recorded'} ${clock(recorded.seconds)}, ${megabytes(recorded)}`);
}

interface Recording {
  readonly build: FfmpegBuild;
  readonly url: string;
  readonly durationMs: number;
  readonly stallTimeoutMs: number;
  readonly audio: boolean;
}

/** Where the user named no file, what does not fit into an mp4 goes into an mkv. */
async function write(cli: Cli, id: string, recording: Recording, file: string, mayChange: boolean) {
  const { recordStream } = await import('../../ffmpeg/record.ts');
  const { passwordsIn } = await import('../../config/url-credentials.ts');
  const total = clock(recording.durationMs / 1000);
  const onProgress = (recorded: Recorded) =>
    cli.draw(`recording ${id}: ${clock(recorded.seconds)} of ${total}, ${megabytes(recorded)}; Ctrl-C stops`);
  const options = { ...recording, secrets: passwordsIn(recording.url), onProgress };
  try {
    return { recorded: await recordStream({ ...options, file }, cli.signal), written: file };
  } catch (error) {
    await removeIfEmpty(file);
    if (!mayChange || !file.endsWith('.mp4') || !isFramegateError(error, 'ERR_SOURCE_UNSUPPORTED')) throw error;
    const other = file.replace(/mp4$/, 'mkv');
    return { recorded: await recordStream({ ...options, file: other }, cli.signal), written: other };
  }
}

async function prepareFile(file: string, force: boolean): Promise<void> {
  const { access, rm, stat } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const usage = (message: string, hint: string) => new FramegateError('ERR_USAGE', message, { hint, retryable: false });
  if (!/\.(mp4|mkv)$/i.test(file))
    throw usage(`--out ${file}: expected a file that ends with .mp4 or .mkv`, 'such as --out front.mp4');
  const folder = dirname(file);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw usage(`${folder} is no folder`, 'make it first, or name another one with --out');
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists && !force) throw usage(`${file} exists`, 'nothing was recorded; --force replaces it');
  if (exists) await rm(file);
}

/** A recording that failed before its first picture leaves no file behind. */
async function removeIfEmpty(file: string): Promise<void> {
  const { rm, stat } = await import('node:fs/promises');
  const size = await stat(file).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === 0) await rm(file, { force: true });
}

function defaultFile(id: string, ending: string): string {
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return `${id}-${local.slice(0, 19).replaceAll(':', '').replace('T', '-')}.${ending}`;
}

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

const megabytes = ({ bytes }: Recorded) => `${(bytes / 1e6).toFixed(1)} MB`;
