import type { Command } from 'commander';
import type { CameraConfig } from '../../config/schema.ts';
import { FramegateError } from '../../lib/errors.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, openConfig, withConfigOption } from '../config-option.ts';
import { durationArgument } from '../duration-option.ts';

interface Options extends ConfigOption {
  readonly url?: string;
  readonly watch?: number;
  readonly json?: boolean;
}

export function addCameraTest(camera: Command, cli: Cli): void {
  withConfigOption(camera.command('test [id]').description('open the stream of a camera and say what it is'))
    .option('--url <url>', 'test this stream instead of one of the config')
    .option(
      '--watch <time>',
      'also watch it for this long: how it is decoded, and whether its packets tell motion',
      durationArgument,
    )
    .option('--json', 'print one JSON document')
    .action(async (id: string | undefined, options: Options) => {
      const { camera: tested, ffmpegPath } = await target(cli, id, options);
      const { probeCamera, describeStream } = await import('../probes.ts');
      cli.draw('opening the stream ...');
      const info = await probeCamera(tested, ffmpegPath, cli.signal);
      cli.draw('');
      if (!options.json) cli.print(describeStream(info));
      const trial = options.watch === undefined ? undefined : await watch(cli, tested, ffmpegPath, options.watch);
      if (options.json) cli.print(JSON.stringify({ ...info, ...trial }, null, 2));
      else if (trial) cli.print((await import('./watch-decoding.ts')).describeTrial(trial));
    });
}

async function watch(cli: Cli, camera: CameraConfig, ffmpegPath: string | undefined, watchMs: number) {
  const { watchDecoding } = await import('./watch-decoding.ts');
  cli.draw(`watching for ${Math.round(watchMs / 1000)} s ...`);
  const trial = await watchDecoding(camera, ffmpegPath, watchMs, cli.signal);
  cli.draw('');
  return trial;
}

async function target(cli: Cli, id: string | undefined, options: Options) {
  if ((id === undefined) === (options.url === undefined)) {
    throw new FramegateError('ERR_USAGE', 'expected the id of a camera or --url, one of them', { retryable: false });
  }
  if (id === undefined) {
    const { cameraConfig } = await import('../../config/schema.ts');
    return { camera: cameraConfig.parse({ url: await checkedUrl(options.url ?? '') }), ffmpegPath: undefined };
  }
  const { config } = await openConfig(cli, options);
  const { cameraOf } = await import('./camera-of.ts');
  return { camera: cameraOf(config, id), ffmpegPath: config.ffmpeg.path };
}

async function checkedUrl(text: string): Promise<string> {
  const { encodeCredentials } = await import('../../config/url-credentials.ts');
  const { streamUrl } = await import('../../source/config.ts');
  const parsed = streamUrl.safeParse(encodeCredentials(text));
  if (parsed.success) return parsed.data;
  throw new FramegateError('ERR_USAGE', `--url: ${parsed.error.issues[0]?.message}`, { retryable: false });
}
