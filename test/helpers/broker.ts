/**
 * A real MQTT broker in this process, on a free port of 127.0.0.1, that misbehaves on command.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client } from 'aedes';

export interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  readonly text: string;
  readonly retain: boolean;
  readonly qos: number;
  readonly clientId: string | undefined;
}

export interface BrokerOptions {
  /** Asked for each connection; default: everyone may come in. */
  readonly accept?: (username: string | undefined, password: string | undefined) => boolean;
  /** Return code of the refusal, 4 bad user name or password (default) or 5 not authorized. */
  readonly refusal?: 4 | 5;
}

/**
 * `accept`; `hang-up`: drops the connection and the publication; `take-and-hang-up`: keeps the publication, but drops the connection before
 * it says so; `ignore`: says nothing, for ever.
 */
export type PublishAnswer = 'accept' | 'hang-up' | 'take-and-hang-up' | 'ignore';

export class Broker implements AsyncDisposable {
  #port = 0;
  /** Everything that clients or wills published, in order, over all lives of the broker. */
  readonly received: Received[] = [];
  /** Asked about each publication. */
  onPublish: (message: Received) => PublishAnswer | Promise<PublishAnswer> = () => 'accept';
  readonly #hungUp = new WeakSet<Client>();
  readonly #options: BrokerOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #aedes: Aedes | undefined;
  #retained = new Map<string, string>();

  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = new Broker(options);
    await broker.start();
    return broker;
  }

  private constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** The same over all lives. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#aedes?.connectedClients ?? 0;
  }

  /** What the broker retains, by topic. Forgotten when it stops. */
  get retained(): ReadonlyMap<string, string> {
    return this.#retained;
  }

  /** Texts received on `topic`, in order. */
  on(topic: string): string[] {
    return this.received.filter((message) => message.topic === topic).map(({ text }) => text);
  }

  /** Starts it again on the same port, with an empty memory. */
  async start(): Promise<void> {
    this.#retained = new Map();
    const aedes = await Aedes.createBroker();
    aedes.authenticate = (_client, username, password, done) => {
      if (this.#options.accept?.(username, password?.toString()) ?? true) return done(null, true);
      const error = new Error('refused') as AuthenticateError;
      (error as { returnCode: number }).returnCode = this.#options.refusal ?? 4;
      return done(error, false);
    };
    aedes.authorizePublish = (client, packet, done) => void this.#receive(client, packet, done);
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    await listen(server, this.#port);
    this.#port = (server.address() as AddressInfo).port;
    this.#aedes = aedes;
    this.#server = server;
  }

  /** Dies as from a power cut: no goodbye, nothing remembered. */
  async stop(): Promise<void> {
    const [server, aedes] = [this.#server, this.#aedes];
    if (!server || !aedes) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    this.dropConnections();
    await closed;
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
  }

  /** Cuts every connection, but goes on. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #receive(
    client: Client | null,
    packet: { topic: string; payload: string | Buffer; retain: boolean; qos: number },
    done: (error?: Error | null) => void,
  ): Promise<void> {
    const payload = Buffer.from(packet.payload);
    const { topic, retain, qos } = packet;
    const message = { topic, payload, text: payload.toString(), retain, qos, clientId: client?.id };
    const answer = await this.onPublish(message);
    // What came right behind a packet over which a broker hangs up is lost with the connection.
    if (answer === 'ignore' || (client && this.#hungUp.has(client))) return;
    if (answer !== 'hang-up') {
      this.received.push(message);
      if (retain && payload.length > 0) this.#retained.set(topic, message.text);
      else if (retain) this.#retained.delete(topic);
    }
    if (answer === 'accept') return done(null);
    if (client) this.#hungUp.add(client);
    client?.conn.destroy();
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
