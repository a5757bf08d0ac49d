/**
 * RTSP 1.0 messages (RFC 2326): requests and responses, read and written.
 */

/** Names in lower case. Several `WWW-Authenticate` are joined by commas; of other repeated headers the last one counts. */
export type RtspHeaders = ReadonlyMap<string, string>;

export interface RtspRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: RtspHeaders;
}

export interface RtspResponse {
  readonly status: number;
  readonly headers: RtspHeaders;
  readonly body: string;
}

/** What stands at the start of some bytes. */
export type Parsed =
  | { readonly kind: 'request'; readonly request: RtspRequest; readonly bytes: number }
  | { readonly kind: 'response'; readonly response: RtspResponse; readonly bytes: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' };

/** Longest message that is accepted, body included. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Longest start line, which tells a message from bytes that mean nothing. */
const MAX_START_LINE_BYTES = 4096;
const REQUEST_LINE = /^([A-Z_]+) (\S+) RTSP\/1\.0$/;
const STATUS_LINE = /^RTSP\/1\.\d (\d{3})(?: .*)?$/;
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
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

/** Reads the message at the start of `bytes`. */
export function parseMessage(bytes: Buffer): Parsed {
  const lineEnd = bytes.indexOf('\r\n');
  const line = bytes.toString('latin1', 0, lineEnd === -1 ? Math.min(bytes.length, MAX_START_LINE_BYTES) : lineEnd);
  // Without the check of the characters, bytes that mean nothing would be waited for to become a line.
  if (!/^[\x20-\x7e]*\r?$/.test(line) || line.length >= MAX_START_LINE_BYTES) return { kind: 'invalid' };
  if (lineEnd === -1) return { kind: 'incomplete' };
  const request = REQUEST_LINE.exec(line);
  const response = STATUS_LINE.exec(line);
  if (!request && !response) return { kind: 'invalid' };
  const headEnd = bytes.indexOf('\r\n\r\n', lineEnd);
  if (headEnd === -1) return { kind: bytes.length > MAX_MESSAGE_BYTES ? 'invalid' : 'incomplete' };
  const headers = parseHeaders(bytes.toString('utf8', lineEnd + 2, headEnd));
  const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
  if (!(end >= headEnd + 4 && end <= MAX_MESSAGE_BYTES)) return { kind: 'invalid' };
  if (bytes.length < end) return { kind: 'incomplete' };
  if (request) {
    const [, method = '', uri = ''] = request;
    return { kind: 'request', request: { method, uri, headers }, bytes: end };
  }
  const body = bytes.toString('utf8', headEnd + 4, end);
  return { kind: 'response', response: { status: Number(response?.[1]), headers, body }, bytes: end };
}

function parseHeaders(text: string): RtspHeaders {
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const earlier = name === 'www-authenticate' ? headers.get(name) : undefined;
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return headers;
}

/** @param headers in the order in which they are sent. */
export function formatRequest(method: string, uri: string, headers: Readonly<Record<string, string>>): string {
  return [`${method} ${uri} RTSP/1.0`, ...lines(headers), '', ''].join('\r\n');
}

export interface ResponseParts {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** @param cseq of the request. */
export function formatResponse({ status, headers = {}, body = '' }: ResponseParts, cseq: string | undefined): string {
  return [
    `RTSP/1.0 ${status} ${REASONS[status] ?? 'Error'}`,
    ...(cseq === undefined ? [] : [`CSeq: ${cseq}`]),
    ...lines(headers),
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n');
}

function lines(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
