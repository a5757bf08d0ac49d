import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Answers of cameras have some kilobytes; what is larger is a fault, and would be kept and parsed as a whole. */
const MAX_ANSWER_BYTES = 128 * 1024;

type Created = Duplex | null | undefined;

/** Connections to one camera, one for each request, that end when an answer gets too large, and all at once when told so. */
export interface BoundedAgent {
  readonly agent: HttpAgent;
  /** Ends every connection. */
  destroy(): void;
}

/** @param onOverflow told when an answer was cut off. */
export function createBoundedAgent(isTls: boolean, verifyCertificate: boolean, onOverflow: () => void): BoundedAgent {
  const sockets = new Set<Socket>();
  const watch = (created: Created): Created => {
    const socket = created as Socket | null | undefined;
    if (!socket) return socket;
    let bytes = 0;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_ANSWER_BYTES) return;
      socket.destroy();
      onOverflow();
    });
    return socket;
  };

  class Http extends HttpAgent {
    override createConnection(
      options: ClientRequestArgs,
      callback?: (error: Error | null, stream: Duplex) => void,
    ): Created {
      return watch(super.createConnection(options, callback));
    }
  }
  class Https extends HttpsAgent {
    override createConnection(
      options: ClientRequestArgs,
      callback?: (error: Error | null, stream: Duplex) => void,
    ): Created {
      return watch(super.createConnection(options, callback));
    }
  }
  return {
    agent: isTls ? new Https({ rejectUnauthorized: verifyCertificate }) : new Http(),
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
