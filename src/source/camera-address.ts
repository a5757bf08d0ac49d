/** How Framegate names itself to cameras. */
export const USER_AGENT = 'Framegate';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 };

/** A camera's URL, taken apart. */
export interface CameraAddress {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** The URL as it is sent to the camera: letter for letter, without credentials. */
  readonly uri: string;
  /** Undefined when the URL has none. */
  readonly credentials: Credentials | undefined;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** @param url checked by `streamUrl`, credentials percent-encoded. */
export function cameraAddress(url: string): CameraAddress {
  const { protocol, hostname, port, username, password } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? 554) : Number(port),
    isTls: protocol === 'rtsps:',
    uri: url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1').replace(/#.*$/s, ''),
    credentials:
      username === '' && password === '' ? undefined : { user: decode(username), password: decode(password) },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}
