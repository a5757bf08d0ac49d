import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addCamera, readCameras, removeCamera, setCamera } from '../../src/config/edit.ts';
import { BROKER, configFile } from './config-file.ts';

/** Written by a person with habits of his own. */
const BY_HAND = `# our site
mqtt: {url: mqtt://localhost:1883}   # the broker


inference:
    url:   http://localhost:9001    # aligned
cameras:   # three of them
  # at the door
  door: {url: "rtsp://u:\${DOOR}@h/1"}  # flow

  # over the yard
  yard:
    url: 'rtsp://h/2'
    # leaves
    motion:
      masks:
      - [[0,0],[1,1],[0,1]]
    # end of yard
  # the last one
  "gate":
    "url": rtsp://h/3 # high up

# end of file
`;

const url = (value: string) => ({ path: ['url'], value });
const read = (file: string) => readFileSync(file, 'utf8');

describe('adding a camera', () => {
  it('adds lines and touches no others', async () => {
    const file = configFile(BY_HAND);
    await addCamera(file, 'new', [url('rtsp://a:${NEW}@h/4'), { path: ['motion', 'threshold'], value: 30 }]);
    const added = '  new:\n    url: rtsp://a:${NEW}@h/4\n    motion:\n      threshold: 30\n';
    expect(read(file)).toBe(BY_HAND.replace('\n# end of file', `${added}\n# end of file`));
  });

  it.each([
    ['where there is no cameras key', '', 'cameras:\n  a:\n    url: rtsp://h/1\n'],
    [
      'under an empty one',
      'cameras: # none\n  # a comment\n',
      'cameras: # none\n  a:\n    url: rtsp://h/1\n  # a comment\n',
    ],
    ['under an empty map', 'cameras: {}\n', 'cameras:\n  a:\n    url: rtsp://h/1\n'],
    [
      'to one in braces',
      'cameras: {b: {url: rtsp://h/2}}\n',
      'cameras: {b: {url: rtsp://h/2}, a: { url: rtsp://h/1 }}\n',
    ],
    [
      'after a file without a line break at its end',
      'cameras:\n  b: {url: rtsp://h/2}',
      'cameras:\n  b: {url: rtsp://h/2}\n  a:\n    url: rtsp://h/1\n',
    ],
    [
      'with the line breaks of Windows',
      'cameras:\r\n  b: {url: rtsp://h/2}\r\n',
      'cameras:\r\n  b: {url: rtsp://h/2}\r\n  a:\r\n    url: rtsp://h/1\r\n',
    ],
  ])('works %s', async (_, before, after) => {
    const file = configFile(BROKER + before);
    await addCamera(file, 'a', [url('rtsp://h/1')]);
    expect(read(file)).toBe(BROKER + after);
  });

  it('refuses an id that is taken, and a camera that would not load, and writes nothing then', async () => {
    const file = configFile(BY_HAND);
    await expect(addCamera(file, 'door', [url('rtsp://h/4')])).rejects.toMatchObject({ code: 'ERR_USAGE' });
    await expect(addCamera(file, 'new', [url('http://h/4')])).rejects.toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      message: expect.stringContaining('cameras.new.url: expected a stream URL'),
    });
    expect(read(file)).toBe(BY_HAND);
  });

  it('needs none of the secrets of the service', async () => {
    const file = configFile(BY_HAND);
    await addCamera(file, 'new', [url('${NOT_SET_HERE}')]);
    expect((await readCameras(file))['new']).toEqual({ url: '${NOT_SET_HERE}' });
  });
});

describe('changing a camera', () => {
  it('replaces values where they stand', async () => {
    const file = configFile(BY_HAND);
    await setCamera(file, 'gate', [url('rtsp://u:a b@h/9')]);
    await setCamera(file, 'yard', [{ path: ['motion', 'masks'], value: [] }]);
    expect(read(file)).toBe(
      BY_HAND.replace('"url": rtsp://h/3 # high up', '"url": rtsp://u:a b@h/9 # high up').replace(
        'masks:\n      - [[0,0],[1,1],[0,1]]\n',
        'masks: []\n',
      ),
    );
  });

  it('adds keys, also to a camera in braces', async () => {
    const file = configFile(BY_HAND);
    await setCamera(file, 'door', [
      { path: ['motion', 'minFrames'], value: 3 },
      { path: ['motion', 'threshold'], value: 9 },
    ]);
    await setCamera(file, 'yard', [{ path: ['trigger', 'interval'], value: '2s' }]);
    expect(read(file)).toBe(
      BY_HAND.replace('@h/1"}', '@h/1", motion: { minFrames: 3, threshold: 9 }}').replace(
        '    # end of yard\n',
        '    trigger:\n      interval: 2s\n    # end of yard\n',
      ),
    );
  });

  it('removes keys', async () => {
    const file = configFile(BY_HAND);
    await setCamera(file, 'yard', [{ path: ['motion'] }]);
    expect(read(file)).toBe(
      BY_HAND.replace('    # leaves\n    motion:\n      masks:\n      - [[0,0],[1,1],[0,1]]\n', ''),
    );
  });

  it('does not change what is shared through an anchor', async () => {
    const text = `${BROKER}cameras:\n  a: &a\n    url: rtsp://h/1\n    motion: {threshold: 9}\n  b:\n    <<: *a\n`;
    const file = configFile(text);
    await expect(setCamera(file, 'b', [{ path: ['motion', 'minFrames'], value: 4 }])).rejects.toThrow(
      'cameras.b.motion.minFrames cannot be changed by itself',
    );
    await expect(removeCamera(file, 'a')).rejects.toThrow('cameras.a cannot be changed by itself');
    expect(read(file)).toBe(text);
    await setCamera(file, 'b', [url('rtsp://h/2')]);
    expect(read(file)).toBe(`${text}    url: rtsp://h/2\n`);
  });

  it('says which cameras there are when it is another', async () => {
    const file = configFile(BY_HAND);
    await expect(setCamera(file, 'dor', [url('rtsp://h/1')])).rejects.toMatchObject({
      code: 'ERR_USAGE',
      hint: 'known are door, yard, gate',
    });
  });
});

describe('removing a camera', () => {
  it.each([
    ['door', '  # at the door\n  door: {url: "rtsp://u:${DOOR}@h/1"}  # flow\n'],
    ['gate', '  # the last one\n  "gate":\n    "url": rtsp://h/3 # high up\n'],
  ])('takes %s with its own comments and leaves the rest', async (id, lines) => {
    const file = configFile(BY_HAND);
    await removeCamera(file, id);
    expect(read(file)).toBe(BY_HAND.replace(lines, ''));
  });

  it('works down to the last one', async () => {
    const file = configFile(BY_HAND);
    for (const id of ['door', 'yard', 'gate']) await removeCamera(file, id);
    expect(await readCameras(file)).toEqual({});
    expect(read(file)).toContain('cameras:   # three of them\n');
  });
});

describe('the file', () => {
  it('keeps its mode, is replaced through a link, and leaves no temporary file behind', async () => {
    const file = configFile(BY_HAND);
    chmodSync(file, 0o640);
    const link = join(dirname(file), 'link.yaml');
    symlinkSync(file, link);
    await removeCamera(link, 'gate');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(read(file)).not.toContain('gate');
    expect(readdirSync(dirname(file)).sort()).toEqual(['framegate.yaml', 'link.yaml']);
  });
});
