import type { DecodeConfig } from '../config.ts';
import type { StreamTraits } from '../stream-traits.ts';
import type { PacketTrust } from '../wake/packet-trust.ts';
import { BLINDNESS_TOLERANCE } from './look-interval.ts';

/** Why a camera must not idle, in words for people; undefined when it may. */
export function whyAlways(
  { mode, maxBlindness }: DecodeConfig,
  traits: StreamTraits | undefined,
  gopMs: number | undefined,
  trust: PacketTrust,
): string | undefined {
  if (mode === 'always') return 'decode.mode is always';
  if (traits?.intraRefresh) return 'the stream has no keyframes, its pictures are refreshed gradually';
  if (traits?.reorders) {
    return traits.hasB || traits.goesBack
      ? 'the stream has B-frames, its pictures come out of order'
      : 'the stream announces B-frames, so that decoders hold its keyframes back';
  }
  if (gopMs === undefined) return 'the time between keyframes is not known yet';
  if (gopMs > maxBlindness * BLINDNESS_TOLERANCE && !trust.isTrusted) {
    return `keyframes come every ${(gopMs / 1000).toFixed(1)}s only, and packets are ${trust.describe()}`;
  }
  return undefined;
}
