import type { FfmpegBuild } from '../ffmpeg/build.ts';
import { isFramegateError } from '../lib/errors.ts';
import type { AccessUnit } from './access-unit.ts';
import type { Transport } from './config.ts';
import { type NativeReceiveOptions, receiveNative } from './native/receive-native.ts';
import { receiveFfmpeg } from './receive-ffmpeg.ts';

export interface ReceiverOptions extends NativeReceiveOptions {
  /** Asked only where ffmpeg is used. */
  readonly findFfmpeg: () => Promise<FfmpegBuild>;
  /** Default `auto`. */
  readonly transport?: Transport | undefined;
}

/** Receives one stream, session after session. */
export interface Receiver {
  /** What receives the stream now, or did so last. */
  readonly transport: Exclude<Transport, 'auto'>;

  /**
   * Receives the stream over RTSP/TCP without decoding it. Ends when `signal` aborts; throws ERR_SOURCE_* or ERR_FFMPEG_* when the camera is
   * lost.
   */
  receive(signal: AbortSignal): AsyncGenerator<AccessUnit, void, undefined>;
}

/** With `auto`, ffmpeg takes over where the native client does not understand the camera, and stays once it has brought a picture. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const wanted = options.transport ?? 'auto';
  let transport: Receiver['transport'] = wanted === 'ffmpeg' ? 'ffmpeg' : 'native';
  let isSettled = wanted !== 'auto';

  async function* receive(signal: AbortSignal): AsyncGenerator<AccessUnit, void, undefined> {
    if (!isSettled) transport = 'native';
    if (transport === 'native') {
      let hasUnits = false;
      try {
        for await (const unit of receiveNative(options, signal)) {
          hasUnits = true;
          yield unit;
        }
        return;
      } catch (error) {
        // A stream that has begun is not carried on by another transport: its clock and its form would change under way.
        if (isSettled || hasUnits || !isFramegateError(error, 'ERR_SOURCE_UNSUPPORTED')) throw error;
      }
      transport = 'ffmpeg';
    }
    for await (const unit of receiveFfmpeg({ ...options, build: await options.findFfmpeg() }, signal)) {
      isSettled = true;
      yield unit;
    }
  }

  return {
    get transport() {
      return transport;
    },
    receive,
  };
}
