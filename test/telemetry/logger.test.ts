import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';

function recorder() {
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk, _, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, destination };
}

test('no line holds a password of a URL or a known secret, in the message, in a field or from a child', () => {
  const { lines, destination } = recorder();
  const secrets = ['topsecret'];
  const logger = createLogger({ level: 'debug' }, () => secrets, destination);
  logger.info({ url: 'rtsp://me:p@ss@cam/1', key: 'x topsecret y' }, 'opening rtsp://me:p@ss@cam/1 with topsecret');
  secrets.push('brandnew');
  logger.child({ camera: 'front' }).warn({ reason: 'refused brandnew' }, 'no');
  const text = lines.join('');
  expect(text).not.toMatch(/p@ss|topsecret|brandnew/);
  expect(text).toContain('rtsp://***@cam/1');
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'warn', camera: 'front', msg: 'no' });
});

test('lines below the level are left out', () => {
  const { lines, destination } = recorder();
  const logger = createLogger({ level: 'warn' }, () => [], destination);
  logger.info({}, 'quiet');
  logger.error({}, 'loud');
  expect(lines).toHaveLength(1);
});
