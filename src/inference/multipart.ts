import { randomUUID } from 'node:crypto';

export interface MultipartBody {
  readonly contentType: string;
  readonly body: Buffer;
}

/** A multipart/form-data body (RFC 7578) of text fields and one JPEG, of known length and without copies of the picture on the way. */
export function multipart(fields: Readonly<Record<string, string>>, pictureName: string, jpeg: Buffer): MultipartBody {
  const boundary = `framegate-${randomUUID()}`;
  const part = (name: string, more = '') =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const texts = Object.entries(fields).map(([name, value]) => `${part(name)}${value}\r\n`);
  const head = part(pictureName, '; filename="frame.jpg"\r\ncontent-type: image/jpeg');
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(texts.join('') + head), jpeg, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
