/**
 * Keeps retries a small part of what is sent, so that they do not finish off a server that is down. The throttling of gRPC (grpc/proposal
 * A6): a failure costs a token, an answer brings a tenth of one, and there is no retry while half of the tokens or fewer are left.
 */
const MAX_TOKENS = 10;
const PER_ANSWER = 0.1;

export class RetryBudget {
  #tokens = MAX_TOKENS;

  get allowsRetry(): boolean {
    return this.#tokens > MAX_TOKENS / 2;
  }

  answered(): void {
    this.#tokens = Math.min(MAX_TOKENS, this.#tokens + PER_ANSWER);
  }

  failed(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }
}
