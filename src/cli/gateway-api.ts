/**
 * The HTTP API of the running gateway, as commands ask it.
 */
import { LinkedAbort } from '../lib/abort.ts';
import { FramegateError, systemErrorCode } from '../lib/errors.ts';

const DEADLINE_MS = 5000;

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
}

/** Asks and gives the JSON of the answer. Throws ERR_GATEWAY_UNREACHABLE, or ERR_GATEWAY_REFUSED with what the gateway says. */
export async function askGateway(
  { host, port }: GatewayAddress,
  path: string,
  { method = 'GET', body, signal }: { readonly method?: string; readonly body?: unknown; readonly signal: AbortSignal },
): Promise<unknown> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const unreachable = (what: string, cause?: unknown) =>
    new FramegateError('ERR_GATEWAY_UNREACHABLE', `no gateway answers at ${url} (${what})`, {
      cause,
      hint: 'start it with framegate run, or name its config with -c',
    });
  if (port === 0) {
    throw new FramegateError('ERR_GATEWAY_UNREACHABLE', 'http.port is 0, so nobody knows where the gateway listens', {
      hint: 'set http.port, or name the gateway with --url',
      retryable: false,
    });
  }
  using link = new LinkedAbort(signal, DEADLINE_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      signal: link.signal,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    text = await response.text();
  } catch (cause) {
    throw unreachable(systemErrorCode(cause) ?? 'no answer', cause);
  }
  const answer = parse(text);
  if (response.ok && (answer !== undefined || text === '')) return answer;
  const said = answer && typeof answer === 'object' ? (answer as { error?: unknown }).error : undefined;
  if (typeof said !== 'string') throw unreachable(`something else answers, with status ${response.status}`);
  throw new FramegateError('ERR_GATEWAY_REFUSED', said, { retryable: false });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: whatever it is, it is no gateway
  }
}
