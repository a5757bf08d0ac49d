import { expect, test } from 'vitest';
import { receiverReport, senderReport, senderReportTime } from '../../src/rtsp/rtcp.ts';

/** Cuts an interleaved compound packet at the lengths that stand in it, in words. */
function parts(packet: Buffer): Buffer[] {
  expect(packet.readUInt16BE(2)).toBe(packet.length - 4);
  const found: Buffer[] = [];
  for (let at = 4; at < packet.length; ) {
    const end = at + 4 + packet.readUInt16BE(at + 2) * 4;
    found.push(packet.subarray(at, end));
    at = end;
  }
  return found;
}

test.each(['', 'a', 'ab', 'abc', 'abcd', 'framegate'])(
  'reports are whole words, with the name %j behind them',
  (name) => {
    const report = receiverReport(5, name, {
      ssrc: 1,
      source: 2,
      fractionLost: 128,
      lost: 70_000,
      highestSequence: 0x1_2345,
      lastReport: 0xdead_beef,
      sinceLastReport: 65_536,
    });
    expect([...report.subarray(0, 2)]).toEqual([0x24, 5]);
    const [block, description] = parts(report);
    expect(block?.toString('hex')).toBe(`81c90007000000010000000280011170${'00012345'}00000000deadbeef00010000`);
    expect(description?.subarray(0, 2).toString('hex')).toBe('81ca');
    expect(description?.readUInt32BE(4)).toBe(1);
    expect([description?.[8], description?.[9]]).toEqual([1, name.length]);
    const rest = description!.subarray(10);
    expect(rest.toString('latin1')).toBe(name.padEnd(rest.length, '\0'));
    expect(rest.length - name.length).toBeGreaterThanOrEqual(1);
    expect(rest.length - name.length).toBeLessThanOrEqual(4);
  },
);

test('the time of a sender report comes back as receivers quote it', () => {
  const report = senderReport(1, 'x', { ssrc: 1, timestamp: 2, epochMs: 500, packets: 3, octets: 4 });
  const seconds = 2_208_988_800;
  expect(senderReportTime(report, 4, report.length)).toBe((((seconds & 0xffff) << 16) | 0x8000) >>> 0);
  expect(senderReportTime(report, 4, 20)).toBeUndefined();
  expect(senderReportTime(Buffer.alloc(40), 0, 40)).toBeUndefined();
});
