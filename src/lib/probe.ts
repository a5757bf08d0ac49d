/** What one try of an outside thing (camera, model, broker) came to. */
export interface ProbeResult {
  readonly ok: boolean;
  /** One line for a person; when it is not ok, with the way out. */
  readonly message: string;
}
