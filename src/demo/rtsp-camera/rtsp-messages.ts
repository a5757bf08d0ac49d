/**
 * RTSP 1.0 on the wire (RFC 2326), seen from the server: requests in, responses out.
 */

export interface RtspRequest {
  readonly method: string;
  readonly uri: string;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What stands at the start of the received bytes, and how many bytes it takes. */
export type Incoming =
  | { readonly kind: 'request'; readonly request: RtspRequest; readonly bytes: number }
  /** Binary data between two requests, such as an RTCP receiver report. */
  | { readonly kind: 'interleaved'; readonly bytes: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' };

/** Longest request accepted, body included. */
const MAX_BYTES = 64 * 1024;
const REQUEST_LINE = /^([A-Z_]+) (\S+) RTSP\/1\.0$/;
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

export function parseIncoming(bytes: Buffer): Incoming {
  if (bytes[0] === 0x24) {
    const length = bytes.length < 4 ? Number.POSITIVE_INFINITY : 4 + bytes.readUInt16BE(2);
    return bytes.length < length ? { kind: 'incomplete' } : { kind: 'interleaved', bytes: length };
  }
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return { kind: bytes.length > MAX_BYTES ? 'invalid' : 'incomplete' };
  const [requestLine = '', ...lines] = bytes.toString('utf8', 0, headEnd).split('\r\n');
  const match = REQUEST_LINE.exec(requestLine);
  if (!match) return { kind: 'invalid' };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const length = headEnd + 4 + Number(headers.get('content-length') ?? 0);
  if (!(length <= MAX_BYTES)) return { kind: 'invalid' };
  if (bytes.length < length) return { kind: 'incomplete' };
  const [, method = '', uri = ''] = match;
  return { kind: 'request', request: { method, uri, headers }, bytes: length };
}

export interface RtspResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function formatResponse(response: RtspResponse, cseq: string | undefined): string {
  const { status, headers = {}, body = '' } = response;
  return [
    `RTSP/1.0 ${status} ${REASONS[status] ?? 'Error'}`,
    ...(cseq === undefined ? [] : [`CSeq: ${cseq}`]),
    'Server: Framegate demo camera',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n');
}
