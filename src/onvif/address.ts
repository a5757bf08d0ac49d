import type { OnvifConfig } from './config.ts';

const DEVICE_SERVICE = '/onvif/device_service';

/** Where a camera's ONVIF service is, and who asks. */
export interface OnvifAddress {
  /** Name or IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly verifyCertificate: boolean;
}

/** @param streamUrl of the camera, checked: gives host and credentials where `config` does not. */
export function onvifAddress(config: OnvifConfig, streamUrl: string): OnvifAddress {
  const stream = new URL(streamUrl);
  const url = config.url === undefined ? undefined : new URL(config.url);
  const isTls = url?.protocol === 'https:';
  const owner = url && (url.username !== '' || url.password !== '') ? url : stream;
  const credential = (text: string) => (text === '' ? undefined : decode(text));
  return {
    host: (url ?? stream).hostname.replace(/^\[|\]$/g, ''),
    port: url?.port ? Number(url.port) : isTls ? 443 : 80,
    isTls,
    path: url && url.pathname !== '/' ? `${url.pathname}${url.search}` : DEVICE_SERVICE,
    username: config.username ?? credential(owner.username),
    password: config.password ?? credential(owner.password),
    verifyCertificate: config.verifyCertificate,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}
