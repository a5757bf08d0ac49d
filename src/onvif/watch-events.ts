import { aborted, sleep } from '../lib/abort.ts';
import type { OnvifAddress } from './address.ts';
import { type OnvifTiming, openOnvifDevice } from './device.ts';
import type { Notice } from './notice.ts';

/** Subscriptions are for two minutes, and a request for events may take one. */
const RENEW_MS = 30_000;
/** From request to request where a camera answers at once with nothing: it would be asked without pause. */
const MIN_PULL_MS = 1000;
/** Cameras hold few subscriptions, so the old one is given back, but not waited for. */
const GOODBYE_MS = 1500;

export interface EventsListener {
  /** The subscription works. */
  ready(): void;
  /** @param at when it arrived, `performance.now()`. */
  notice(notice: Notice, at: number): void;
}

/** One subscription to the events of a camera. Throws ERR_ONVIF_* when it is lost; resolves when `signal` aborts. */
export async function watchEvents(
  address: OnvifAddress,
  listener: EventsListener,
  signal: AbortSignal,
  { timing, renewMs = RENEW_MS }: { readonly timing?: OnvifTiming; readonly renewMs?: number } = {},
): Promise<void> {
  using device = openOnvifDevice(address, timing);
  let isSubscribed = false;
  const work = async () => {
    await device.subscribe();
    isSubscribed = true;
    listener.ready();
    let renewedAt = performance.now();
    while (!signal.aborted) {
      const askedAt = performance.now();
      const notices = await device.pull();
      const at = performance.now();
      for (const notice of notices) listener.notice(notice, at);
      if (at - renewedAt >= renewMs) {
        // Some cameras know no Renew and are content with being asked; if one is not, the next request says so.
        await device.renew().catch(() => undefined);
        renewedAt = at;
      }
      if (notices.length === 0 && at - askedAt < MIN_PULL_MS) await sleep(MIN_PULL_MS, signal);
    }
  };
  try {
    await Promise.race([work(), aborted(signal)]);
  } finally {
    if (isSubscribed) await Promise.race([device.unsubscribe().catch(() => undefined), sleep(GOODBYE_MS)]);
  }
}
