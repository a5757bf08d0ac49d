import { createConnection, type Socket } from 'node:net';

export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawPacket {
  readonly channel: number;
  readonly data: Buffer;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

/** The plainest RTSP client there can be: says what it is told, keeps every packet, understands nothing. */
export class RawRtspClient implements Disposable {
  readonly socket: Socket;
  readonly packets: RawPacket[] = [];
  readonly #url: string;
  readonly #responses: RawResponse[] = [];
  readonly #waiting: Array<(response: RawResponse | undefined) => void> = [];
  #received: Buffer = Buffer.alloc(0);
  #sequence = 0;
  /** How the connection ended. */
  ended: 'open' | 'closed' | 'reset' = 'open';
  /** Bytes that were neither a response nor a packet. */
  strange = 0;

  constructor(url: string) {
    this.#url = url;
    this.socket = createConnection({ host: '127.0.0.1', port: Number(new URL(url).port) });
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') this.ended = 'reset';
    });
    this.socket.on('close', () => {
      if (this.ended === 'open') this.ended = 'closed';
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    });
  }

  /** Undefined when the connection closes instead of answering. */
  request(
    method: string,
    headers: Readonly<Record<string, string>> = {},
    uri = this.#url,
  ): Promise<RawResponse | undefined> {
    this.#sequence += 1;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`${method} ${uri} RTSP/1.0\r\nCSeq: ${this.#sequence}\r\n${lines.join('')}\r\n`);
    return new Promise((resolve) => {
      const response = this.#responses.shift();
      if (response || this.ended !== 'open') resolve(response);
      else this.#waiting.push(resolve);
    });
  }

  /** SETUP and PLAY; resolves with the answer to PLAY. */
  async play(channels = '0-1'): Promise<RawResponse | undefined> {
    const transport = `RTP/AVP/TCP;unicast;interleaved=${channels}`;
    const setUp = await this.request('SETUP', { Transport: transport }, `${this.#url}/trackID=0`);
    return this.request('PLAY', { Session: setUp?.headers.get('session')?.split(';')[0] ?? '' });
  }

  /** The RTP packets so far. */
  get media(): RawPacket[] {
    return this.packets.filter((packet) => packet.channel % 2 === 0);
  }

  /** The RTCP packets so far. */
  get reports(): RawPacket[] {
    return this.packets.filter((packet) => packet.channel % 2 === 1);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const taken = this.#take();
      if (taken === 0) return;
      this.#received = this.#received.subarray(taken);
    }
  }

  /** Takes one thing from the start of what was received and returns its length; 0 when it is not there in full. */
  #take(): number {
    const bytes = this.#received;
    if (bytes.length < 4) return 0;
    if (bytes[0] === 0x24) {
      const length = 4 + bytes.readUInt16BE(2);
      if (bytes.length < length) return 0;
      const data = Buffer.from(bytes.subarray(4, length));
      this.packets.push({
        channel: bytes[1]!,
        data,
        sequence: data.readUInt16BE(2),
        timestamp: data.readUInt32BE(4),
        marker: (data[1]! & 0x80) !== 0,
        payload: data.subarray(12),
      });
      return length;
    }
    if (bytes.toString('latin1', 0, 4) !== 'RTSP') {
      this.strange += 1;
      return 1;
    }
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd === -1) return 0;
    const [statusLine = '', ...lines] = bytes.toString('utf8', 0, headEnd).split('\r\n');
    const headers = new Map(lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.replace(/^[^:]*:\s*/, '')]));
    const length = headEnd + 4 + Number(headers.get('content-length') ?? 0);
    if (bytes.length < length) return 0;
    const response = {
      status: Number(statusLine.split(' ')[1]),
      headers,
      body: bytes.toString('utf8', headEnd + 4, length),
    };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(response);
    else this.#responses.push(response);
    return length;
  }
}
