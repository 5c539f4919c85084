import type { AddressRules } from "./addresses.js";
import { post, type PostOutcome } from "./post.js";
import { signatureHeader, type SecretBox } from "./secrets.js";
import type { WebhookRow } from "./webhook-store.js";

/** A message for a receiver. */
export interface OutgoingMessage {
  /** `webhook-id`: the same at every try. */
  readonly id: string;
  readonly body: string;
}

/** Signs messages and posts them: one try, whatever comes of it. Never throws. */
export interface Sender {
  /** @param signal Ends the try. */
  send(webhook: WebhookRow, message: OutgoingMessage, signal: AbortSignal): Promise<PostOutcome>;
}

export interface SenderOptions {
  readonly secrets: SecretBox;
  readonly rules: AddressRules;
  /** As `User-Agent` names it. */
  readonly version: string;
  /** Milliseconds that a receiver has for one message. */
  readonly timeoutMs: number;
  /** Milliseconds, as `Date.now` has them. */
  readonly now: () => number;
}

export function createSender({ secrets, rules, version, timeoutMs, now }: SenderOptions): Sender {
  return {
    async send(webhook, { id, body }, signal) {
      const timestamp = Math.floor(now() / 1_000);
      let opened: string[];
      try {
        opened = await Promise.all(sealedOf(webhook, now()).map((secret) => secrets.open(secret)));
      } catch {
        return { status: null, error: "the secret cannot be opened: rotate it", retryAfterMs: null };
      }
      const headers = {
        "content-type": "application/json",
        "user-agent": `carbon-ledger/${version}`,
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signatureHeader({ id, timestamp, body }, opened),
      };
      return post({ url: webhook.url, headers, body, timeoutMs, rules, signal });
    },
  };
}

/** The secret, and the one before while it still signs along. */
function sealedOf(webhook: WebhookRow, at: number): string[] {
  const { secret, previous_secret: previous, previous_until: until } = webhook;
  return previous !== null && until !== null && until.getTime() > at ? [secret, previous] : [secret];
}
