import { listenForCommands } from './commands.ts';
import type { Config } from './config/schema.ts';
import type { Topics } from './events/topics.ts';
import type { GatewayControl } from './gateway-control.ts';
import { sleep } from './lib/abort.ts';
import { supervise } from './lib/supervise.ts';
import { together } from './lib/together.ts';
import type { Inbox } from './mqtt/inbox.ts';
import { MqttPublisher } from './mqtt/publisher.ts';
import type { StateStore } from './mqtt/state.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Part } from './parts.ts';
import { quietSupervision } from './quiet-supervision.ts';
import type { Logger } from './telemetry/logger.ts';

export interface MqttPartOptions {
  readonly outbox: Outbox;
  readonly state: StateStore;
  readonly inbox: Inbox;
  /** What the figures are of, and who obeys commands. */
  readonly control: GatewayControl;
  readonly logger: Logger;
  /** Told who publishes from now on. */
  readonly onPublisher: (publisher: MqttPublisher) => void;
}

/** The connection to the broker as a part of the gateway: events, states and figures go out, commands come in. */
export function mqttPart({ mqtt, gateway }: Config, topics: Topics, options: MqttPartOptions): Part {
  const { outbox, state, inbox, control } = options;
  const logger = options.logger.child({ part: 'mqtt' });
  const publishStats = async (signal: AbortSignal) => {
    for (;;) {
      const status = { schema: 1, time: new Date().toISOString(), ...control.status() };
      state.set(topics.stats, JSON.stringify(status));
      // Once more after the end: the cameras stopped before, so these are the final figures.
      if (signal.aborted) return;
      await sleep(mqtt.statsInterval, signal);
    }
  };
  return {
    key: 'mqtt',
    stage: 'sink',
    settings: { mqtt, gateway },
    run: async (signal) => {
      const clientId = mqtt.clientId ?? `framegate-${gateway.id}`;
      const statusTopic = topics.status;
      const publisher = new MqttPublisher({ config: mqtt, clientId, statusTopic, outbox, state, inbox, logger });
      options.onPublisher(publisher);
      using _commands = listenForCommands(inbox, topics, control, logger);
      const session = (ended: AbortSignal) => publisher.run(ended);
      await together(
        signal,
        (ended) => supervise(session, ended, quietSupervision(logger, 'no connection to the broker')),
        publishStats,
      );
    },
  };
}
