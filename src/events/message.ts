/** One MQTT publication. */
export interface Message {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly retain: boolean;
  readonly qos: 0 | 1;
}

/** A message that has to arrive, though the broker may be away. */
export interface OutboxEntry extends Message {
  /** The same on every delivery of the same entry. */
  readonly id: string;
  readonly camera: string;
}
