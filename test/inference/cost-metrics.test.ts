import { expect, it } from 'vitest';
import { CameraStats } from '../../src/camera-stats.ts';
import type { GatewayStatus } from '../../src/gateway-status.ts';
import { createMetrics } from '../../src/web/metrics.ts';

it('the cost of each camera and target is in the metrics', async () => {
  const stats = new CameraStats();
  const payee = { name: 'hosted', price: { per1000: 2, currency: 'EUR' } };
  const account = stats.sending();
  account.request(payee, 1000).settle('failed', 5);
  account.request(payee, 1000).settle('answered', 250);
  stats.sending().request(payee, 500);
  const target = { name: 'hosted', url: 'http://h', api: 'roboflow', model: 'a/1', limit: 3, inFlight: 1 };
  const status = {
    cameras: { front: stats.snapshot() },
    inference: { url: 'http://h', model: 'a/1', targets: [{ ...target, state: 'open', problem: 'x' }] },
  } as unknown as GatewayStatus;
  const registry = createMetrics(() => status);
  const lines = async (name: string) =>
    (await registry.getSingleMetricAsString(`framegate_${name}`)).split('\n').slice(2);
  expect(await lines('frames_sent_total')).toEqual(['framegate_frames_sent_total{camera="front"} 2']);
  expect(await lines('requests_sent_total')).toEqual([
    'framegate_requests_sent_total{camera="front",target="hosted"} 3',
  ]);
  expect(await lines('requests_failed_total')).toEqual([
    'framegate_requests_failed_total{camera="front",target="hosted"} 1',
  ]);
  expect(await lines('requests_in_flight')).toEqual(['framegate_requests_in_flight{camera="front",target="hosted"} 1']);
  expect(await lines('requests_bytes_total')).toEqual([
    'framegate_requests_bytes_total{camera="front",target="hosted"} 2500',
  ]);
  expect(await lines('requests_seconds_total')).toEqual([
    'framegate_requests_seconds_total{camera="front",target="hosted"} 0.255',
  ]);
  expect(await lines('requests_cost_total')).toEqual([
    'framegate_requests_cost_total{camera="front",target="hosted",currency="EUR"} 0.002',
  ]);
  expect(await lines('target_up')).toEqual(['framegate_target_up{target="hosted"} 0']);
  expect(await lines('target_concurrency_limit')).toEqual(['framegate_target_concurrency_limit{target="hosted"} 3']);
});
