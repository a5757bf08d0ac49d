import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeError } from '../../src/lib/errors.ts';
import { redact } from '../../src/lib/redact.ts';
import { BROKER, loadText, refusal } from './config-file.ts';

const withUrl = (url: string) => `${BROKER}cameras:\n  front: { url: ${url} }\n`;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'framegate-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** What an RTSP client would log in with. */
async function credentials(url: string, env: NodeJS.ProcessEnv = {}) {
  const { config } = await loadText(withUrl(url), env);
  const { username, password, hostname, pathname } = new URL(config.cameras['front']?.url ?? '');
  return { user: decodeURIComponent(username), password: decodeURIComponent(password), hostname, pathname };
}

describe('${NAME} in a config', () => {
  it('is taken from the environment, also inside braces as the documentation writes it', async () => {
    expect(
      await credentials('rtsp://user:${FRONT_PASSWORD}@192.0.2.10/stream2', { FRONT_PASSWORD: 'hunter22' }),
    ).toEqual({ user: 'user', password: 'hunter22', hostname: '192.0.2.10', pathname: '/stream2' });
  });

  it.each(['p@ss%word', 'p@ss%41#/?&:', 'a b', 'pässwörd', '100%', 'abc%de', '${X}', '%zz@'])(
    'may be the password %s as it is',
    async (password) => {
      const url = 'rtsp://user:${P}@192.0.2.10/stream2';
      expect(await credentials(url, { P: password })).toMatchObject({
        password,
        hostname: '192.0.2.10',
        pathname: '/stream2',
      });
    },
  );

  it('may be percent-encoded already', async () => {
    expect(await credentials('rtsp://user:${P}@h/s', { P: 'p%40ss%25' })).toMatchObject({ password: 'p@ss%' });
  });

  it('may be user and password in one, or the whole URL', async () => {
    const expected = { user: 'admin', password: 'p:@', hostname: 'cam' };
    expect(await credentials('rtsp://${LOGIN}@cam/s', { LOGIN: 'admin:p:@' })).toMatchObject(expected);
    expect(await credentials('"${URL}"', { URL: 'rtsp://admin:p:@@cam/s' })).toMatchObject(expected);
  });

  it('stays as it is in a comment, in a key, and after another $', async () => {
    const { config } = await loadText(
      `# \${NOT_SET}\nmqtt: { url: mqtt://h, password: "a$\${NOT_SET}b" } # \${NOT_SET}\n`,
    );
    expect(config.mqtt.password).toBe('a${NOT_SET}b');
  });

  it('is an error when it is not set, with file, line, key and name', async () => {
    const { error, lines } = await refusal(withUrl('rtsp://user:${FRONT_PASSWORD}@h/s'));
    expect(error).toMatchObject({ code: 'ERR_SECRET_MISSING', retryable: false });
    expect(lines).toEqual(['f.yaml:3:17 cameras.front.url: environment variable FRONT_PASSWORD is not set']);
    expect(describeError(error)).toContain('/etc/framegate/environment');
  });

  it('is an error when it is empty: that was not meant', async () => {
    const { lines } = await refusal(withUrl('rtsp://user:${P}@h/s'), { P: '' });
    expect(lines[0]).toContain('environment variable P is empty');
  });

  it('does not hide other mistakes when it is not set', async () => {
    const { error, lines } = await refusal(`${withUrl('rtsp://u:${P}@h/s')}logs: {}\n`);
    expect(error.code).toBe('ERR_CONFIG_INVALID');
    expect(lines).toHaveLength(2);
  });

  it.each(['rtsp://u:${P', 'rtsp://u:${}@h/s', '${env:P}', '${credential:../x}'])(
    'is an error when written as %s',
    async (url) => {
      const { lines } = await refusal(withUrl(`"${url}"`), { P: 'x' });
      expect(lines).toEqual([
        'f.yaml:3:17 cameras.front.url: expected ${NAME}, ${file:/path} or ${credential:name}; write $${ for a literal ${',
      ]);
    },
  );
});

describe('${file:} and ${credential:} in a config', () => {
  it('are read without the line break at the end', async () => {
    const folder = folderWith({ front_password: 'p@ss\n' });
    expect(await credentials(`rtsp://u:\${file:${folder}/front_password}@h/s`)).toMatchObject({ password: 'p@ss' });
    const env = { CREDENTIALS_DIRECTORY: folder };
    expect(await credentials('rtsp://u:${credential:front_password}@h/s', env)).toMatchObject({ password: 'p@ss' });
  });

  it('are errors when they are not there', async () => {
    const { error, lines } = await refusal(
      `${BROKER}cameras:\n  a: { url: "rtsp://u:\${file:/nonexistent/p}@h/s" }\n  b: { url: "rtsp://u:\${credential:p}@h/s" }\n`,
    );
    expect(error.code).toBe('ERR_SECRET_MISSING');
    expect(lines).toEqual([
      'f.yaml:3:13 cameras.a.url: file /nonexistent/p cannot be read (ENOENT)',
      'f.yaml:4:13 cameras.b.url: credential p is only there under systemd (LoadCredential=p:/path)',
    ]);
  });
});

describe('a password written into a URL', () => {
  it.each([
    ['an @', 'rtsp://user:p@ss@cam/s', 'p@ss'],
    ['a % that encodes nothing', 'rtsp://user:50%off@cam/s', '50%off'],
    ['a % that encodes', 'rtsp://user:p%40ss@cam/s', 'p@ss'],
    ['a # and a ?', 'rtsp://user:p#s?s@cam/s', 'p#s?s'],
    ['a /', 'rtsp://user:pa/ss@cam/s', 'pa/ss'],
    ['a colon', 'rtsp://user:p:ss@cam/s', 'p:ss'],
  ])('may hold %s', async (_, url, password) => {
    expect(await credentials(`"${url}"`)).toMatchObject({ user: 'user', password, hostname: 'cam', pathname: '/s' });
  });

  it('does not end at an @ of the path', async () => {
    expect(await credentials('"rtsp://user:secret@cam/s@1"')).toMatchObject({ password: 'secret', pathname: '/s@1' });
    expect(await credentials('"rtsp://cam:554/s@1"')).toMatchObject({ user: '', hostname: 'cam', pathname: '/s@1' });
  });
});

describe('the secrets of a config', () => {
  it('are all that must not be logged: as written, as encoded, from files and under telling keys', async () => {
    const folder = folderWith({ key: 'from-a-file' });
    const { secrets } = await loadText(
      `mqtt: { url: mqtt://\${BROKER}, username: \${USER_NAME}, password: plain-text }\n` +
        `inference: { apiKey: "\${file:${folder}/key}" }\n` +
        'cameras:\n  a: { url: "rtsp://u:${P}@h/s" }\n  b: { url: "rtsp://u:lit@ral@${HOST}/s?key=${KEY}" }\n',
      { HOST: 'camera.local', KEY: 'in-the-query', BROKER: 'broker.local', USER_NAME: 'framegate', P: 'p@ss' },
    );
    expect([...secrets].sort()).toEqual([
      'from-a-file',
      'in-the-query',
      'lit%40ral',
      'lit@ral',
      'p%40ss',
      'p@ss',
      'plain-text',
    ]);
    expect(redact('login p@ss or p%40ss at broker.local', secrets)).toBe('login *** or *** at broker.local');
  });
});
