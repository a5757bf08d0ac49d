/**
 * Why there is no session with the broker, and the way out.
 */
import { type ErrorCode, FramegateError } from '../lib/errors.ts';
import type { BrokerAddress } from './address.ts';

/** Turns what MQTT.js and the socket say into one of our errors. */
export function connectionError(error: unknown, address: BrokerAddress, clientId: string): FramegateError {
  const broker = address.display;
  const details = (hint: string, retryable = true) => ({ cause: error, hint, retryable });
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  // Return codes of CONNACK: MQTT 3.1.1, 3.2.2.3.
  if (code === 4 || code === 5) {
    const message = address.username
      ? `the broker ${broker} refused the user name or password`
      : `the broker ${broker} wants a user name and password`;
    return new FramegateError('ERR_MQTT_REFUSED', message, details('check mqtt.username and mqtt.password', false));
  }
  if (code === 2) {
    const message = `the broker ${broker} refused the client id ${clientId}`;
    return new FramegateError('ERR_MQTT_REFUSED', message, details('set another mqtt.clientId', false));
  }
  if (code === 1) {
    const message = `the broker ${broker} does not speak MQTT 3.1.1`;
    return new FramegateError('ERR_MQTT_REFUSED', message, details('use another broker or listener', false));
  }
  const unreachable = (what: string, hint: string) =>
    new FramegateError('ERR_MQTT_UNREACHABLE' satisfies ErrorCode, `the broker ${broker} ${what}`, details(hint));
  if (code === 3) return unreachable('is not available at the moment', 'look at the log of the broker');
  if (code === 'ECONNREFUSED')
    return unreachable('refused the connection', 'check that it runs and listens on this port');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return unreachable('has an unknown host name', 'check mqtt.url');
  if (typeof code === 'string' && NO_TLS.test(code)) {
    return unreachable('does not speak TLS on this port', 'use mqtt:// or the port of its TLS listener');
  }
  if (typeof code === 'string' && NOT_TRUSTED.test(code)) {
    return unreachable(`has a certificate that is not trusted (${code})`, 'put the file of its authority into mqtt.ca');
  }
  const what = error instanceof Error && error.message ? error.message : String(code ?? error);
  return unreachable(`cannot be reached (${what})`, 'check mqtt.url and the network');
}

/** The broker, or something on the way, ended a session that had begun, or ended the connection before it answered. */
export function connectionLost(address: BrokerAddress, clientId: string): FramegateError {
  return new FramegateError('ERR_MQTT_UNREACHABLE', `the broker ${address.display} closed the connection`, {
    hint: `if this repeats, check that no other client calls itself ${clientId}, and the log of the broker`,
  });
}

const NO_TLS = /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))/;
const NOT_TRUSTED = /CERT|^UNABLE_TO_|^ERR_TLS_/;
