/**
 * A camera's ONVIF services on a free port of 127.0.0.1: real SOAP over real HTTP, with the password digest of WS-Security, and the faults that
 * cameras have.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

const USER = 'onvif';
const PASSWORD = 's3cret&<pw';

interface Event {
  readonly topic: string;
  readonly source: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  readonly operation: 'Initialized' | 'Changed';
}

export class OnvifCamera implements AsyncDisposable {
  /** What it was asked, in order: `PullMessages`. */
  readonly requests: string[] = [];
  /** By how much its clock is wrong. */
  clockOffsetMs = 0;
  /** The clock that it checks signatures against, where it is another one than it tells. */
  signatureOffsetMs: number | undefined;
  /** Wants HTTP digest and knows no WS-Security. */
  httpDigest = false;
  noGetServices = false;
  noRenew = false;
  /** How long it holds a request for events. */
  holdMs = 2000;
  /** Answers every request so much later. */
  lateMs = 0;
  /** Takes requests and says nothing. */
  isHung = false;
  /** Instead of the answer to this method. */
  readonly instead = new Map<string, string | ((response: ServerResponse) => void)>();
  /** What it names as address of subscriptions. */
  subscriptionHost: string | undefined;
  /** What it says the time is when a subscription ends, which may be nonsense. */
  terminationTime: string | undefined;
  /** A subscription that is neither asked nor renewed for this long is gone. */
  subscriptionMs = 120_000;
  subscriptions = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pending = new Map<number, { events: Event[]; wake: () => void; aliveAt: number }>();
  readonly #states = new Map<string, Event>();
  #port = 0;

  static async start(): Promise<OnvifCamera> {
    const camera = new OnvifCamera();
    await camera.listen();
    return camera;
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** With credentials that are right. */
  get url(): string {
    return `http://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.#port}/onvif/device_service`;
  }

  get password(): string {
    return PASSWORD;
  }

  /** Subscriptions that are alive. */
  get subscribers(): number {
    return this.#pending.size;
  }

  /** Something begins or ends to move, by the camera's own judgement. */
  motion(on: boolean): void {
    this.event('tns1:RuleEngine/CellMotionDetector/Motion', { Rule: 'MyMotionDetectorRule' }, { IsMotion: String(on) });
  }

  event(topic: string, source: Record<string, string>, data: Record<string, string>): void {
    const event: Event = { topic, source, data, operation: 'Changed' };
    this.#states.set(topic, event);
    for (const subscription of this.#pending.values()) {
      subscription.events.push(event);
      subscription.wake();
    }
  }

  /** Forgets all subscriptions, as after a restart of its event service. */
  dropSubscriptions(): void {
    for (const { wake } of this.#pending.values()) wake();
    this.#pending.clear();
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.dropConnections();
    this.dropSubscriptions();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const method = /<s:Body[^>]*>\s*<(\w+)/.exec(body)?.[1] ?? 'nothing';
    this.requests.push(method);
    if (this.isHung) return;
    if (this.lateMs > 0) await new Promise((resolve) => setTimeout(resolve, this.lateMs));
    const instead = this.instead.get(method);
    if (typeof instead === 'function') return instead(response);
    if (instead !== undefined) return void response.writeHead(200).end(instead);
    if (method !== 'GetSystemDateAndTime' && !this.#isWelcome(request, body, response)) return;
    const reply = await this.#reply(method, request);
    if (reply === undefined) {
      response
        .writeHead(500, { 'content-type': 'application/soap+xml' })
        .end(fault('ter:ActionNotSupported', 'Optional Action Not Implemented'));
    } else response.writeHead(200, { 'content-type': 'application/soap+xml; charset=utf-8' }).end(envelope(reply));
  }

  #isWelcome(request: IncomingMessage, body: string, response: ServerResponse): boolean {
    if (this.httpDigest) {
      if (isDigest(request)) return true;
      response
        .writeHead(401, { 'www-authenticate': 'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5' })
        .end();
      return false;
    }
    const offset = this.signatureOffsetMs ?? this.clockOffsetMs;
    if (isSigned(body, Date.now() + offset)) return true;
    response
      .writeHead(400, { 'content-type': 'application/soap+xml' })
      .end(fault('ter:NotAuthorized', 'Sender not Authorized'));
    return false;
  }

  async #reply(method: string, request: IncomingMessage): Promise<string | undefined> {
    const base = `http://${this.subscriptionHost ?? `127.0.0.1:${this.#port}`}`;
    const now = Date.now() + this.clockOffsetMs;
    const times = (prefix: string) =>
      `<${prefix}:CurrentTime>${new Date(now).toISOString()}</${prefix}:CurrentTime><${prefix}:TerminationTime>${
        this.terminationTime ?? new Date(now + 120_000).toISOString()
      }</${prefix}:TerminationTime>`;
    switch (method) {
      case 'GetSystemDateAndTime':
        return systemTime(new Date(now));
      case 'GetServices':
        if (this.noGetServices) return undefined;
        return `<tds:GetServicesResponse>${['device', 'events', 'media']
          .map(
            (name) =>
              `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/${name}/wsdl</tds:Namespace><tds:XAddr>${base}/onvif/${name}_service</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>5</tt:Minor></tds:Version></tds:Service>`,
          )
          .join('')}</tds:GetServicesResponse>`;
      case 'GetCapabilities':
        return `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Events><tt:XAddr>${base}/onvif/events_service</tt:XAddr><tt:WSPullPointSupport>true</tt:WSPullPointSupport></tt:Events></tds:Capabilities></tds:GetCapabilitiesResponse>`;
      case 'CreatePullPointSubscription': {
        if (!request.url?.endsWith('/events_service')) return undefined;
        this.subscriptions += 1;
        const id = this.subscriptions;
        const events = [...this.#states.values()].map((event) => ({ ...event, operation: 'Initialized' as const }));
        this.#pending.set(id, { events, wake: () => undefined, aliveAt: Date.now() });
        return `<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>${base}/onvif/pull/${id}</wsa:Address></tev:SubscriptionReference>${times('wsnt')}</tev:CreatePullPointSubscriptionResponse>`;
      }
      case 'PullMessages': {
        const subscription = this.#subscription(request);
        if (!subscription) return undefined;
        subscription.aliveAt = Date.now();
        if (subscription.events.length === 0) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, this.holdMs);
            subscription.wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        if (!this.#subscription(request)) return undefined;
        const messages = subscription.events.splice(0).map((event) => notification(event, new Date(now)));
        return `<tev:PullMessagesResponse>${times('tev')}${messages.join('')}</tev:PullMessagesResponse>`;
      }
      case 'Renew': {
        const subscription = this.noRenew ? undefined : this.#subscription(request);
        if (!subscription) return undefined;
        subscription.aliveAt = Date.now();
        return `<wsnt:RenewResponse>${times('wsnt')}</wsnt:RenewResponse>`;
      }
      case 'Unsubscribe':
        this.#pending.delete(idOf(request));
        return '<wsnt:UnsubscribeResponse/>';
      default:
        return undefined;
    }
  }

  #subscription(request: IncomingMessage) {
    const subscription = this.#pending.get(idOf(request));
    if (subscription && Date.now() - subscription.aliveAt <= this.subscriptionMs) return subscription;
    this.#pending.delete(idOf(request));
    return undefined;
  }
}

const idOf = (request: IncomingMessage) => Number(/\/pull\/(\d+)$/.exec(request.url ?? '')?.[1]);

function isSigned(body: string, now: number): boolean {
  const tag = (name: string) => new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(body)?.[1] ?? '';
  const created = tag('Created');
  const digest = createHash('sha1')
    .update(Buffer.concat([Buffer.from(tag('Nonce'), 'base64'), Buffer.from(created + PASSWORD)]))
    .digest('base64');
  return tag('Username') === USER && tag('Password') === digest && Math.abs(Date.parse(created) - now) < 300_000;
}

function isDigest({ headers, url }: IncomingMessage): boolean {
  const fields = new Map(
    [...(headers.authorization ?? '').matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name, value]) => [name, value]),
  );
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const [first, second] = [md5(`${USER}:cam:${PASSWORD}`), md5(`POST:${url}`)];
  return fields.get('response') === md5(`${first}:abc:${fields.get('nc')}:${fields.get('cnonce')}:auth:${second}`);
}

function systemTime(date: Date): string {
  const [h, m, s] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  const [y, o, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:UTCDateTime><tt:Time><tt:Hour>${h}</tt:Hour><tt:Minute>${m}</tt:Minute><tt:Second>${s}</tt:Second></tt:Time><tt:Date><tt:Year>${y}</tt:Year><tt:Month>${o}</tt:Month><tt:Day>${d}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
}

function notification({ topic, source, data, operation }: Event, time: Date): string {
  const items = (values: Readonly<Record<string, string>>) =>
    Object.entries(values)
      .map(([name, value]) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`)
      .join('');
  return `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="${time.toISOString()}" PropertyOperation="${operation}"><tt:Source>${items(source)}</tt:Source><tt:Data>${items(data)}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`;
}

export function envelope(body: string): string {
  const names = {
    s: 'http://www.w3.org/2003/05/soap-envelope',
    wsa: 'http://www.w3.org/2005/08/addressing',
    wsnt: 'http://docs.oasis-open.org/wsn/b-2',
    tds: 'http://www.onvif.org/ver10/device/wsdl',
    tev: 'http://www.onvif.org/ver10/events/wsdl',
    tt: 'http://www.onvif.org/ver10/schema',
    ter: 'http://www.onvif.org/ver10/error',
    tns1: 'http://www.onvif.org/ver10/topics',
  };
  const attributes = Object.entries(names).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`);
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${attributes.join(' ')}><s:Body>${body}</s:Body></s:Envelope>`;
}

function fault(code: string, reason: string): string {
  return envelope(
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`,
  );
}
