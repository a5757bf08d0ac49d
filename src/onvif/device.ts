/**
 * One camera's event service. The only file that knows the package `onvif`.
 *
 * Of that package only single requests are used: its own event loop restarts itself, trusts the camera's clock and cannot be stopped. What it does
 * not bound (time, size of answers) is bounded here.
 */
import { Cam } from 'onvif';
import { describeError, FramegateError, systemErrorCode } from '../lib/errors.ts';
import type { OnvifAddress } from './address.ts';
import { createBoundedAgent } from './bounded-agent.ts';
import { type Notice, noticesOf } from './notice.ts';

/** A camera answers within milliseconds, but for PullMessages, which it may hold for a minute. */
export interface OnvifTiming {
  readonly requestMs: number;
  readonly pullMs: number;
}

const TIMING: OnvifTiming = { requestMs: 10_000, pullMs: 75_000 };
const MESSAGE_LIMIT = 50;

/** Disposing it ends what is under way. All methods throw ERR_ONVIF_* when the camera does not answer, or refuses. */
export interface OnvifDevice extends Disposable {
  /** Learns the camera's clock, which signs the password, and where its event service is, and subscribes. */
  subscribe(): Promise<void>;
  /** Waits for events, up to a minute. */
  pull(): Promise<readonly Notice[]>;
  /** Two more minutes. */
  renew(): Promise<void>;
  unsubscribe(): Promise<void>;
}

type Callback = (error: unknown, result?: unknown) => void;

export function openOnvifDevice(address: OnvifAddress, timing: OnvifTiming = TIMING): OnvifDevice {
  const underWay = new Set<(error: unknown) => void>();
  let isStopped = false;
  const fail = (error: unknown) => {
    for (const reject of [...underWay]) reject(error);
  };
  const connections = createBoundedAgent(address.isTls, address.verifyCertificate, () =>
    fail(new FramegateError('ERR_ONVIF_UNSUPPORTED', 'the camera’s ONVIF service sends answers without end')),
  );
  const cam = new Cam({
    hostname: address.host,
    port: address.port,
    path: address.path,
    useSecure: address.isTls,
    secureOpts: { rejectUnauthorized: address.verifyCertificate },
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    agent: connections.agent,
    timeout: timing.requestMs,
    autoconnect: false,
  });

  const call = async (request: (done: Callback) => void, ms = timing.requestMs): Promise<unknown> => {
    if (isStopped) throw stopped();
    let timer: NodeJS.Timeout | undefined;
    let end: (error: unknown) => void = () => undefined;
    try {
      return await new Promise((resolve, reject) => {
        end = reject;
        underWay.add(reject);
        timer = setTimeout(() => {
          reject(
            new FramegateError('ERR_ONVIF_UNREACHABLE', `the camera’s ONVIF service did not answer (${ms / 1000}s)`),
          );
          connections.destroy();
        }, ms);
        request((error, result) => (error ? reject(error) : resolve(result)));
      });
    } catch (error) {
      throw onvifFailure(error, address);
    } finally {
      clearTimeout(timer);
      underWay.delete(end);
    }
  };

  return {
    async subscribe() {
      // A camera that does not tell its time gets ours.
      await call((done) => cam.getSystemDateAndTime(done)).catch(ignoreUnlessUnreachable);
      await call((done) => cam.getServices(false, done)).catch((error) => {
        ignoreUnlessUnreachable(error);
        return call((done) => cam.getCapabilities(done));
      });
      await call((done) => cam.createPullPointSubscription(done));
      aim(cam, address, connections.agent);
    },
    pull: async () =>
      noticesOf(await call((done) => cam.pullMessages({ messageLimit: MESSAGE_LIMIT }, done), timing.pullMs)),
    renew: async () => void (await call((done) => cam.renew({}, done))),
    unsubscribe: async () => void (await call((done) => cam.unsubscribe(done))),
    [Symbol.dispose]: () => {
      isStopped = true;
      fail(stopped());
      connections.destroy();
    },
  };
}

/**
 * Keeps requests to the subscription at the configured camera. It names an address for them, which behind a router is one that nobody reaches;
 * and whoever answers in the camera's place must not have our requests, with signed passwords in them, sent to others.
 */
function aim(cam: Cam, { host, port, isTls }: OnvifAddress, agent: unknown): void {
  const target = cam.events['subscription']?.subscriptionReference?.address;
  if (typeof target !== 'object' || target === null) return;
  const isOwn = target.hostname === host;
  Object.assign(target, {
    agent,
    protocol: isTls ? 'https:' : 'http:',
    hostname: host,
    host,
    port: isOwn ? (target.port ?? port) : port,
    auth: null,
  });
}

function ignoreUnlessUnreachable(error: unknown): void {
  if (error instanceof FramegateError && error.code === 'ERR_ONVIF_UNREACHABLE') throw error;
}

function stopped(): FramegateError {
  return new FramegateError('ERR_ONVIF_UNREACHABLE', 'stopped');
}

const REFUSED = /not\s*authorized|authentication failed|digest auth|\b40[13]\b/i;
const NOT_TRUSTED = /CERT|^UNABLE_TO_|^ERR_TLS_/;
/** What answers speaks something else than HTTP. */
const NOT_HTTP = /^HPE_/;

/** What the camera says may stand in the message: one line of it. */
function onvifFailure(error: unknown, { host, port, username }: OnvifAddress): FramegateError {
  if (error instanceof FramegateError) return error;
  const said = describeError(error).replace(/\s+/g, ' ').slice(0, 300);
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (NOT_TRUSTED.test(code)) {
    return new FramegateError('ERR_ONVIF_UNREACHABLE', `the certificate of the camera is not trusted (${code})`, {
      hint: 'set trigger.onvif.verifyCertificate to false if nobody signed it, as with most cameras',
    });
  }
  const systemCode = NOT_HTTP.test(code) ? undefined : systemErrorCode(error);
  // Before what was said is looked at: it names ports and addresses, which may have a 401 in them.
  if (systemCode !== undefined || /network timeout|socket hang up/i.test(said)) {
    return new FramegateError(
      'ERR_ONVIF_UNREACHABLE',
      `the camera’s ONVIF service cannot be reached at ${host}:${port} (${systemCode ?? said})`,
      {
        hint: 'check that ONVIF is switched on in the camera, and set trigger.onvif.url with its port',
      },
    );
  }
  if (REFUSED.test(said)) {
    const message = username
      ? 'the camera’s ONVIF service refuses the user name or password'
      : 'the camera’s ONVIF service wants a user name and password';
    return new FramegateError('ERR_ONVIF_UNAUTHORIZED', message, {
      hint: 'many cameras have users of their own for ONVIF: add one, and set trigger.onvif.username and password',
    });
  }
  return new FramegateError(
    'ERR_ONVIF_UNSUPPORTED',
    `the camera’s ONVIF service does not answer as it should (${said})`,
    {
      cause: error,
      hint: 'check that the camera has ONVIF events (pull-point), and that trigger.onvif.url is its device service',
    },
  );
}
