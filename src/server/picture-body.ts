/**
 * The picture of a request, in the ways the standard API lets it travel. Every failure is ERR_IMAGE_INVALID, but a body that is too large.
 */
import type { FastifyRequest } from 'fastify';
import { IMAGE_PART } from '../inference/protocol.ts';
import { describeError, FramegateError } from '../lib/errors.ts';

const DATA_URL = /^data:image\/[a-z0-9.+-]+;base64,/i;

/** The encoded picture in the body of a path route request: multipart, or base64 text under any other content type. */
export async function pictureOf(request: FastifyRequest): Promise<Uint8Array> {
  if (request.headers['content-type'] === undefined) {
    throw invalid(
      'the request has no Content-Type',
      `send multipart/form-data with a part "${IMAGE_PART}", or base64 text`,
    );
  }
  if (request.isMultipart()) return await pictureInParts(request);
  const body = request.body;
  if (!Buffer.isBuffer(body) || body.length === 0) throw invalid('the body is empty', 'send a picture');
  if (body[0] === 0xff && body[1] === 0xd8) {
    throw invalid('the body is a bare JPEG', `send it as base64 text, or as multipart part "${IMAGE_PART}"`);
  }
  return decodeBase64(body.toString('latin1'));
}

/** Decodes base64 text with or without a `data:` prefix. */
export function decodeBase64(text: string): Uint8Array {
  const digits = text.replace(DATA_URL, '').replace(/\s+/g, '').replace(/=+$/, '');
  if (digits.length === 0) throw invalid('the picture is empty', 'send a picture');
  const bytes = Buffer.from(digits, 'base64');
  // Buffer.from skips what is not base64 without a word.
  if (bytes.length === Math.floor((digits.length * 3) / 4)) return bytes;
  throw invalid('the body is not base64 text', `send base64, or multipart/form-data with a part "${IMAGE_PART}"`);
}

async function pictureInParts(request: FastifyRequest): Promise<Uint8Array> {
  const others: string[] = [];
  let picture: Uint8Array | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file' && part.fieldname === IMAGE_PART) {
        picture ??= await part.toBuffer();
        // toBuffer does not notice when the limit falls behind its last chunk.
        if (part.file.truncated) throw new request.server.multipartErrors.RequestFileTooLargeError();
      } else if (part.type === 'file') {
        others.push(part.fieldname);
        part.file.resume();
      } else if (part.fieldname === IMAGE_PART) {
        others.push(`${IMAGE_PART} without a file name`);
      }
    }
  } catch (error) {
    if (statusOf(error) === 413) throw error;
    throw invalid(
      `the multipart body cannot be read (${describeError(error)})`,
      'send a whole multipart/form-data body',
    );
  }
  if (picture && picture.length > 0) return picture;
  if (picture) throw invalid(`the part "${IMAGE_PART}" is empty`, 'send a picture');
  const found = others.length > 0 ? others.join(', ') : 'no file';
  throw invalid(
    `the multipart body has no file part "${IMAGE_PART}" (found: ${found})`,
    `call the part "${IMAGE_PART}" and give it a file name`,
  );
}

/** The HTTP status that Fastify and its plugins put on their errors. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

function invalid(message: string, hint: string): FramegateError {
  return new FramegateError('ERR_IMAGE_INVALID', message, { hint, retryable: false });
}
