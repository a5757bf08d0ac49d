import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { payloads } from '../../src/demo/rtsp-camera/rtp-payload.ts';
import { RtpTrack } from '../../src/demo/rtsp-camera/rtp-track.ts';
import { cutAccessUnits, splitNals } from '../../src/rtsp/annex-b.ts';
import { InterleavedReader } from '../../src/rtsp/interleaved-reader.ts';
import { formatResponse, type ResponseParts, type RtspRequest, type RtspResponse } from '../../src/rtsp/messages.ts';
import { makeClip } from './clips.ts';

export interface ScriptedConnection {
  readonly socket: Socket;
  /** Sends so many pictures of the clip, 1/50 s apart by their timestamps, at once. */
  play(pictures: number): void;
}

export interface Script {
  /** Replaces the answer to a method; `undefined` sends none. */
  readonly answers?: Readonly<
    Record<string, (request: RtspRequest, connection: ScriptedConnection) => ResponseParts | string | undefined>
  >;
  /** Replaces the session description. */
  readonly description?: string;
  readonly onConnect?: (connection: ScriptedConnection) => void;
}

export interface ScriptedCamera {
  readonly url: string;
  readonly requests: readonly RtspRequest[];
  /** What the client answered to requests of the camera. */
  readonly responses: readonly RtspResponse[];
  /** What the client sent among its requests, without the four bytes in front. */
  readonly packets: ReadonlyArray<{ readonly channel: number; readonly data: Buffer }>;
  readonly connections: ReadonlySet<ScriptedConnection>;
}

export const VIDEO = 'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n';

/** A camera that does what a test wants, and what a simple one does where the test says nothing: ten pictures after PLAY, then silence. */
export async function openScriptedCamera(script: Script = {}): Promise<ScriptedCamera> {
  const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  const pictures = cutAccessUnits('h264', splitNals(await readFile(clip.file)));
  const requests: RtspRequest[] = [];
  const responses: RtspResponse[] = [];
  const packets: Array<{ channel: number; data: Buffer }> = [];
  const connections = new Set<ScriptedConnection>();

  const server = createServer((socket) => {
    let track = new RtpTrack({ rtp: 0, rtcp: 1 });
    let sent = 0;
    const connection: ScriptedConnection = {
      socket,
      play: (count) => {
        for (const end = sent + count; sent < end; sent += 1) {
          const parts = payloads('h264', pictures[sent % pictures.length]!.nals, { maxBytes: 1400, aggregate: false });
          for (const [index, part] of parts.entries())
            socket.write(track.packet(part, sent * 1800, index === parts.length - 1));
        }
      },
    };
    const usual = (request: RtspRequest): ResponseParts => {
      switch (request.method) {
        case 'OPTIONS':
          return { status: 200, headers: { Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN' } };
        case 'DESCRIBE':
          return { status: 200, body: script.description ?? `v=0\r\n${VIDEO}` };
        case 'SETUP':
          return { status: 200, headers: { Transport: request.headers.get('transport')!, Session: 'abc;timeout=60' } };
        default:
          return { status: 200 };
      }
    };
    const reader = new InterleavedReader({
      packet: (channel, bytes, start, end) => packets.push({ channel, data: Buffer.from(bytes.subarray(start, end)) }),
      response: (response) => responses.push(response),
      garbage: () => socket.destroy(),
      request: (request) => {
        requests.push(request);
        const answer = script.answers?.[request.method];
        const parts = answer ? answer(request, connection) : usual(request);
        if (typeof parts === 'object') {
          const channels = /interleaved=(\d+)-(\d+)/.exec(parts.headers?.['Transport'] ?? '');
          if (channels) track = new RtpTrack({ rtp: Number(channels[1]), rtcp: Number(channels[2]) });
        }
        if (parts !== undefined)
          socket.write(typeof parts === 'string' ? parts : formatResponse(parts, request.headers.get('cseq')));
        if (request.method === 'PLAY' && !answer) connection.play(10);
      },
    });
    connections.add(connection);
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(connection));
    script.onConnect?.(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const { socket } of connections) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `rtsp://127.0.0.1:${port}/live`, requests, responses, packets, connections };
}
