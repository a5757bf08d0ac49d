import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Broker } from '../helpers/broker.ts';
import { framegate, newFolder, startFramegate } from '../helpers/framegate.ts';
import { detections, InferenceServer } from '../helpers/inference-server.ts';
import { OnvifCamera } from '../helpers/onvif-camera.ts';

function withConfig(text: string): { cwd: string } {
  const cwd = newFolder();
  writeFileSync(join(cwd, 'framegate.yaml'), text);
  return { cwd };
}

const BAD =
  'log: { level: loud }\nmqtt: { url: mqtt://h }\ncameras:\n  front:\n    url: rtsp://u:${NOT_SET}@h/s\n    motion: { treshold: 1 }\n';
const PROBLEMS = [
  'framegate.yaml:1:15 log.level: expected debug, info, warn or error, found "loud"',
  'framegate.yaml:5:10 cameras.front.url: environment variable NOT_SET is not set',
  'framegate.yaml:6:15 cameras.front.motion.treshold: unknown key, did you mean threshold?',
];

describe('framegate validate', () => {
  it('prints one line per problem to stderr and exits with 78', async () => {
    const place = withConfig(BAD);
    expect(await framegate(['validate'], place)).toEqual({ code: 78, stdout: '', stderr: `${PROBLEMS.join('\n')}\n` });
    const { code, stdout } = await framegate(['validate', '--json'], place);
    expect(code).toBe(78);
    expect(JSON.parse(stdout)).toEqual({ valid: false, code: 'ERR_CONFIG_INVALID', problems: PROBLEMS });
  });

  it('looks only at what framegate serve needs with --serve', async () => {
    const forServe = BAD.replace('log: { level: loud }', '');
    expect(await framegate(['validate', '--serve'], withConfig(forServe))).toMatchObject({ code: 0 });
  });

  it('finds the file by -c, then $FRAMEGATE_CONFIG, then here', async () => {
    const { cwd } = withConfig('mqtt: { url: mqtt://h }\ngateway: { id: here }\n');
    writeFileSync(join(cwd, 'a.yaml'), 'mqtt: { url: mqtt://h }\ngateway: { id: by-option }\n');
    writeFileSync(join(cwd, 'b.yaml'), 'mqtt: { url: mqtt://h }\ngateway: { id: by-environment }\n');
    const gateway = async (args: string[], env = {}) =>
      JSON.parse((await framegate(['validate', '--json', ...args], { cwd, env })).stdout).gateway;
    expect(await gateway([])).toBe('here');
    expect(await gateway([], { FRAMEGATE_CONFIG: 'b.yaml' })).toBe('by-environment');
    expect(await gateway(['-c', 'a.yaml'], { FRAMEGATE_CONFIG: 'b.yaml' })).toBe('by-option');
  });

  it('tries everything outside with --probe and exits with 1 when something does not answer', async () => {
    await using broker = await Broker.start({ accept: (_, password) => password === 'p@ss' });
    await using onvif = await OnvifCamera.start();
    const [right, wrong] = [onvif.url, onvif.url.replace('s3cret', 's3cret-not')];
    const place = withConfig(
      `mqtt: { url: "${broker.url}", username: me, password: "\${BROKER_PASSWORD}" }\n` +
        'inference: { url: http://127.0.0.1:1 }\ncameras:\n  front: { url: rtsp://u:s3cret@127.0.0.1:1/s }\n  off: { url: rtsp://127.0.0.1:1/s, enabled: false }\n' +
        `  a: { url: rtsp://127.0.0.1:1/s, trigger: { onvif: { enabled: true, url: "${right}" } } }\n` +
        `  b: { url: rtsp://127.0.0.1:1/s, trigger: { onvif: { enabled: true, url: "${wrong}" } } }\n`,
    );
    const { code, stdout } = await framegate(['validate', '--probe', '--json'], {
      ...place,
      env: { BROKER_PASSWORD: 'p@ss' },
    });
    expect(code).toBe(1);
    const { valid, probes } = JSON.parse(stdout);
    expect(valid).toBe(true);
    expect(probes.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
      ['broker', true],
      ['inference', false],
      ['camera front', false],
      ['camera a', false],
      ['camera b', false],
      ['camera a, ONVIF', true],
      ['camera b, ONVIF', false],
    ]);
    expect(stdout).not.toContain('s3cret');
  });

  it('tries each target of several, and the dataset, by name', async () => {
    await using server = await InferenceServer.start(detections([]));
    const place = withConfig(
      'mqtt: { url: mqtt://127.0.0.1:1 }\n' +
        `inference: { targets: [{ url: "${server.url}", name: local }, { url: http://127.0.0.1:1, name: office }] }\n` +
        'learning: { project: yard, apiKey: s3cret-key, url: http://127.0.0.1:1 }\n',
    );
    const { code, stdout } = await framegate(['validate', '--probe'], place);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok +inference local +.*answers for coco\/1/m);
    expect(stdout).toMatch(/^FAILED +inference office +.*cannot be reached/m);
    expect(stdout).toMatch(/^FAILED +dataset +http:\/\/127\.0\.0\.1:1/m);
    expect(stdout).not.toContain('s3cret');
  });

  it('can be interrupted while it waits', async () => {
    // A broker that takes the connection and never says a word.
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const place = withConfig(`mqtt: { url: "mqtt://127.0.0.1:${port}" }\ninference: { url: http://127.0.0.1:1 }\n`);
    const { child, says, finished } = startFramegate(['validate', '--probe'], place);
    await new Promise((resolve) => silent.once('connection', resolve));
    child.kill('SIGINT');
    await says('stopping; send it again to stop at once');
    expect((await finished).code).not.toBe(0);
    silent.close();
  });
});
