/**
 * Fetching a picture that a request names by its URL. Off unless hosts are allowed, because whoever may ask could otherwise make this
 * machine ask its neighbours: the name is looked up once, every address is checked, and the connection goes to just these.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { describeError, FramegateError, isFramegateError } from '../lib/errors.ts';
import { isPublicAddress } from './public-address.ts';
import { notOffered } from './request-options.ts';

const TIMEOUT_MS = 5_000;

export interface PictureFetching {
  /** Names or addresses; `*` for every public address. Empty: nothing is fetched. */
  readonly hosts: readonly string[];
  readonly maxBytes: number;
}

/** Throws ERR_USAGE when it may not be fetched, ERR_IMAGE_INVALID when it cannot. */
export async function fetchPicture(
  text: string,
  { hosts, maxBytes }: PictureFetching,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (hosts.length === 0) throw notOffered('image by URL', 'send the picture in the body, or set serve.imageHosts');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw notOffered('such an image URL', 'expected http:// or https:// without a password');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const isNamed = hosts.includes(host);
  if (!isNamed && !(hosts.includes('*') && (isIP(host) === 0 || isPublicAddress(host)))) throw refused(host);
  const agent = new Agent({ connect: { timeout: TIMEOUT_MS, ...(!isNamed && { lookup: publicOnly }) } });
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      signal,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      // undici 7 crashes the process when a connection ends while it has paused it for a slow reader (nodejs/undici 5360).
      highWaterMark: maxBytes,
    });
    // A redirect would be a way around the list.
    if (statusCode !== 200) throw failed(url, `it answered ${statusCode}`);
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw failed(url, 'the picture is too large');
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw failed(url, 'the picture is too large');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (isFramegateError(error)) throw error;
    throw failed(url, describeError(error));
  } finally {
    await agent.destroy();
  }
}

const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const [first] = found ?? [];
    if (error || !first) callback(error ?? refused(hostname), '', 0);
    else if (!found.every(({ address }) => isPublicAddress(address))) callback(refused(hostname), '', 0);
    else if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });
};

function refused(host: string): FramegateError {
  return notOffered(`an image from ${host}`, 'allowed hosts are those of serve.imageHosts');
}

/** What follows the question mark may be a secret. */
function failed({ origin, pathname }: URL, why: string): FramegateError {
  return new FramegateError('ERR_IMAGE_INVALID', `no picture from ${origin}${pathname}: ${why}`, { retryable: false });
}
