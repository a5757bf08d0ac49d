import { randomUUID } from 'node:crypto';
import { describeError } from '../lib/errors.ts';
import type { ProbeResult } from '../lib/probe.ts';
import type { MqttConfig } from './config.ts';
import { brokerAddress, connectMqtt } from './connection.ts';

/** Does the broker let us in? Under a name of its own, so that a running gateway keeps its session. Never rejects. */
export async function probeMqtt(config: MqttConfig, signal: AbortSignal): Promise<ProbeResult> {
  try {
    // Brokers of MQTT 3.1 allow 23 characters.
    using session = await connectMqtt(config, { clientId: `framegate-${randomUUID().slice(0, 8)}` }, signal);
    await session.end();
    return { ok: true, message: `the broker ${brokerAddress(config).display} lets us in` };
  } catch (error) {
    return { ok: false, message: describeError(error) };
  }
}
