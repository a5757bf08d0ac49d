import type { Command } from 'commander';
import { FramegateError } from '../../lib/errors.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, openConfig, withConfigOption } from '../config-option.ts';

interface Options extends ConfigOption {
  readonly url?: string;
  readonly json?: boolean;
}

export function addCameraTest(camera: Command, cli: Cli): void {
  withConfigOption(camera.command('test [id]').description('open the stream of a camera and say what it is'))
    .option('--url <url>', 'test this stream instead of one of the config')
    .option('--json', 'print one JSON document')
    .action(async (id: string | undefined, options: Options) => {
      const { camera: tested, ffmpegPath } = await target(cli, id, options);
      const { probeCamera, describeStream } = await import('../probes.ts');
      cli.draw('opening the stream ...');
      const info = await probeCamera(tested, ffmpegPath, cli.signal);
      cli.draw('');
      cli.print(options.json ? JSON.stringify(info, null, 2) : describeStream(info));
    });
}

async function target(cli: Cli, id: string | undefined, options: Options) {
  if ((id === undefined) === (options.url === undefined)) {
    throw new FramegateError('ERR_USAGE', 'expected the id of a camera or --url, one of them', { retryable: false });
  }
  if (id === undefined) {
    return { camera: { url: await checkedUrl(options.url ?? '') }, ffmpegPath: undefined };
  }
  const { config } = await openConfig(cli, options);
  const camera = config.cameras[id];
  if (camera === undefined) {
    const known = Object.keys(config.cameras).join(', ') || 'none yet';
    throw new FramegateError('ERR_USAGE', `there is no camera ${id}`, { hint: `known are ${known}`, retryable: false });
  }
  return { camera: { url: camera.url, transport: camera.transport }, ffmpegPath: config.ffmpeg.path };
}

async function checkedUrl(text: string): Promise<string> {
  const { encodeCredentials } = await import('../../config/url-credentials.ts');
  const { streamUrl } = await import('../../source/config.ts');
  const parsed = streamUrl.safeParse(encodeCredentials(text));
  if (parsed.success) return parsed.data;
  throw new FramegateError('ERR_USAGE', `--url: ${parsed.error.issues[0]?.message}`, { retryable: false });
}
