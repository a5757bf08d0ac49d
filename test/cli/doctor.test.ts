import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { framegate, newFolder } from '../helpers/framegate.ts';

interface Finding {
  readonly name: string;
  readonly state: string;
  readonly message: string;
  readonly fix?: string;
}

async function examine(config: string | undefined): Promise<{ code: number | null; findings: Map<string, Finding> }> {
  const cwd = newFolder();
  if (config !== undefined) writeFileSync(join(cwd, 'framegate.yaml'), config);
  const { code, stdout } = await framegate(['doctor', '--json'], { cwd });
  const findings = JSON.parse(stdout) as Finding[];
  return { code, findings: new Map(findings.map((finding) => [finding.name, finding])) };
}

describe('framegate doctor', () => {
  it('finds what a fresh installation lacks and says what to do', async () => {
    const { code, findings } = await examine(undefined);
    expect(code).toBe(1);
    expect(findings.get('config')).toMatchObject({ state: 'problem', fix: 'framegate init' });
    expect(findings.get('models')).toMatchObject({ state: 'problem', fix: 'framegate model build coco' });
    for (const name of ['node', 'ffmpeg', 'sharp', 'onnxruntime', 'data folder']) {
      expect(findings.get(name), name).toMatchObject({ state: 'ok' });
    }
  });

  it('tries cameras, broker and inference service of the config', async () => {
    const { code, findings } = await examine(
      'mqtt: { url: mqtt://127.0.0.1:1 }\ninference: { url: http://127.0.0.1:1 }\ncameras:\n  front: { url: rtsp://u:s3cret@127.0.0.1:1/s }\n',
    );
    expect(code).toBe(1);
    expect(findings.get('config')?.state).toBe('ok');
    for (const name of ['broker', 'inference', 'camera front']) expect(findings.get(name)?.state, name).toBe('problem');
    expect(JSON.stringify([...findings])).not.toContain('s3cret');
  });

  it('misses no local model when the model is elsewhere', async () => {
    const { findings } = await examine(
      'mqtt: { url: mqtt://127.0.0.1:1 }\ninference: { url: http://192.0.2.1:1, deadline: 1s }\n',
    );
    expect(findings.get('models')?.state).toBe('ok');
  });

  it('shows the mistakes of a bad config and looks at the rest all the same', async () => {
    const cwd = newFolder();
    writeFileSync(join(cwd, 'framegate.yaml'), 'mqtt: { url: mqtt://h, prot: 1 }\n');
    const { code, stdout } = await framegate(['doctor'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FIX +config +framegate\.yaml:1:24 mqtt\.prot: unknown key/m);
    expect(stdout).toMatch(/^ok +ffmpeg /m);
    expect(stdout).toMatch(/\d+ to fix\n$/);
  });
});
