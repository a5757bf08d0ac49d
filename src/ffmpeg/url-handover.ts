/**
 * Gives a URL with credentials to an ffmpeg child without showing it in the process list.
 *
 * ffmpeg takes the URL of an RTSP stream as an argument only. So it is given one of this process on loopback, and is redirected from there to
 * the real one (RFC 2326, 10.8 and 11.3); the redirect may carry credentials, and all options of the command line stay in force. Only the first
 * request with the right token is answered, and on Linux only if it comes from a process of the same user.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const MAX_REQUEST_BYTES = 4096;

export interface UrlHandover extends AsyncDisposable {
  /** What ffmpeg is to open. */
  readonly url: string;
}

export async function openUrlHandover(target: string): Promise<UrlHandover> {
  const token = randomBytes(16).toString('hex');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let request = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      request += text;
      if (request.length > MAX_REQUEST_BYTES) socket.destroy();
      else if (request.includes('\r\n\r\n')) void answer(socket, request, token, target).finally(() => server.close());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${port}/${token}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(socket: Socket, request: string, token: string, target: string): Promise<void> {
  const cseq = /^CSeq:\s*(\d+)/im.exec(request)?.[1] ?? '0';
  const isWelcome = request.split(' ')[1]?.endsWith(`/${token}`) && (await isOwnProcess(socket));
  const reply = isWelcome
    ? ['RTSP/1.0 302 Found', `CSeq: ${cseq}`, `Location: ${target}`]
    : ['RTSP/1.0 404 Not Found', `CSeq: ${cseq}`];
  socket.end(`${reply.join('\r\n')}\r\n\r\n`);
}

/** Whether the other end of a loopback connection is a process of the same user, as far as the system tells. */
async function isOwnProcess(socket: Socket): Promise<boolean> {
  const { remotePort = 0, localPort = 0 } = socket;
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  let table: string;
  try {
    table = await readFile('/proc/net/tcp', 'utf8');
  } catch {
    return true; // not Linux
  }
  // Columns: slot, local address, remote address, state, queues, timer, retransmits, uid.
  const row = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1]?.endsWith(`:${hex(remotePort)}`) && columns[2]?.endsWith(`:${hex(localPort)}`));
  return row === undefined || Number(row[7]) === process.getuid?.();
}
