import { connectAsync } from 'mqtt';

/** Publishes one message as a client of its own, and waits until the broker has it. */
export async function publishTo(url: string, topic: string, payload: string, retain = false): Promise<void> {
  const client = await connectAsync(url);
  await client.publishAsync(topic, payload, { qos: 1, retain });
  await client.endAsync();
}
