export interface BrokerAddress {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  /** Name or IP address, IPv6 without brackets. */
  readonly host: string;
  /** Undefined: the protocol's own. */
  readonly port: number | undefined;
  /** Path and query of a WebSocket broker, starting with `/`. */
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The URL without credentials, for messages. */
  readonly display: string;
}

const PARTS = /^(mqtts?|wss?):\/\/(?:(.*)@)?([^@]*)$/i;

/**
 * Splits a broker URL; undefined when it is none. Credentials end at the last `@` and may hold any character, percent-encoded or not:
 * people paste passwords as they are.
 */
export function parseBrokerUrl(text: string): BrokerAddress | undefined {
  const [, scheme = '', credentials, place = ''] = PARTS.exec(text) ?? [];
  const protocol = scheme.toLowerCase();
  if (protocol !== 'mqtt' && protocol !== 'mqtts' && protocol !== 'ws' && protocol !== 'wss') return undefined;
  const url = URL.canParse(`${protocol}://${place}`) ? new URL(`${protocol}://${place}`) : undefined;
  if (!url?.hostname) return undefined;
  const colon = credentials?.indexOf(':') ?? -1;
  return {
    protocol,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    path: `${url.pathname || '/'}${url.search}`,
    username: credentials === undefined ? undefined : decode(colon < 0 ? credentials : credentials.slice(0, colon)),
    password: credentials === undefined || colon < 0 ? undefined : decode(credentials.slice(colon + 1)),
    display: `${protocol}://${url.host}${url.pathname === '/' ? '' : url.pathname}`,
  };
}

/** A `%` that is no escape stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
