import { collection, paged, read, segment } from "./calls.js";
import type { OperationEventType } from "./notifications.js";
import type { ReadOptions } from "./requests.js";
import type { Transport } from "./transport.js";
import type { DateTime } from "./types.js";

/** A receiver that is told what happens to operations, by messages signed as Standard Webhooks 1.0 has it. */
export interface Webhook {
  readonly id: string;
  /** Whose operations it tells; or those that were asked for in `role`. */
  readonly participantId: number | null;
  readonly role: string | null;
  readonly url: string;
  readonly label: string;
  /** Null: all. */
  readonly types: readonly OperationEventType[] | null;
  readonly kinds: readonly string[] | null;
  readonly status: "active" | "disabled";
  /** Why it is disabled. */
  readonly reason: string | null;
  /** Null: all is well. */
  readonly failingSince: DateTime | null;
  readonly createdAt: DateTime;
  readonly links: { readonly self: string; readonly deliveries: string };
}

/** The only time that the secret is shown. */
export interface NewWebhook extends Webhook {
  /** `whsec_` and base64. */
  readonly secret: string;
}

export interface WebhookDelivery {
  readonly sequence: number;
  /** `webhook-id` of the message, the same at every try. */
  readonly messageId: string;
  readonly type: string;
  /** `dead`: given up; it can be sent again by hand. */
  readonly status: "pending" | "delivered" | "dead";
  readonly attempts: number;
  readonly nextAttemptAt: DateTime | null;
  readonly attemptedAt: DateTime | null;
  /** HTTP status of the last answer. */
  readonly answer: number | null;
  readonly error: string | null;
  readonly deliveredAt: DateTime | null;
  readonly createdAt: DateTime;
  /** What is sent. */
  readonly body: string;
  readonly links: { readonly self: string; readonly webhook: string };
}

/** What came of a message that tells of nothing. */
export interface WebhookTest {
  readonly messageId: string;
  /** The receiver answered 2xx. */
  readonly isTaken: boolean;
  /** HTTP status of the answer. */
  readonly answer: number | null;
  readonly error: string | null;
  readonly milliseconds: number;
  /** What was sent. */
  readonly body: string;
}

export interface CreateWebhook {
  /** Where messages are posted to: https, on the public internet. */
  readonly url: string;
  readonly label?: string;
  /** Default: all. */
  readonly types?: readonly OperationEventType[];
  /** Kinds of operations. Default: all. */
  readonly kinds?: readonly string[];
}

/** Own webhooks and their messages. */
export function webhookCalls(send: Transport) {
  const path = "/v1/webhooks";
  const at = (id: string): string => `${path}/${segment(id)}`;
  type DeliveryFilter = { status?: WebhookDelivery["status"] };
  const deliveries = (id: string) =>
    paged<WebhookDelivery, DeliveryFilter>((filter) => read(send, `${at(id)}/deliveries`, filter));
  return {
    ...collection<Webhook>(send, path),
    /** Not repeated when its answer is lost: each one is another webhook, with another secret. Look with `list`. */
    create: (body: CreateWebhook) => send<NewWebhook>({ method: "POST", path, body, repeatable: false }),
    remove: (id: string) => send<null>({ method: "DELETE", path: at(id), repeatable: true }),
    /** Makes a new secret; for a day messages carry the signatures of both. Not repeated, as `create`. */
    rotate: (id: string) =>
      send<{ readonly secret: string; readonly previousUntil: DateTime }>({
        method: "POST",
        path: `${at(id)}/rotate`,
        repeatable: false,
      }),
    /** Sends again to a receiver that was given up. */
    enable: (id: string) => send<Webhook>({ method: "POST", path: `${at(id)}/enable`, repeatable: true }),
    /** One page of its messages, the newest first. */
    deliveries: (id: string, filter?: DeliveryFilter & ReadOptions) => deliveries(id).list(filter),
    allDeliveries: (id: string, filter?: DeliveryFilter & ReadOptions) => deliveries(id).all(filter),
    /** Sends a message again under its own id, by which a receiver that has it knows it. */
    redeliver: (id: string, sequence: number) =>
      send<WebhookDelivery>({
        method: "POST",
        path: `${at(id)}/deliveries/${segment(sequence)}/redeliver`,
        repeatable: true,
      }),
    /** Sends again what was given up, of the messages made since a time (ISO 8601, UTC). What is on its way already is left alone. */
    redeliverDead: (id: string, since: DateTime) =>
      send<{ readonly redelivered: number }>({
        method: "POST",
        path: `${at(id)}/redeliver`,
        body: { since },
        repeatable: true,
      }),
    /** Sends a signed message that tells of nothing, and says what the receiver answered. */
    test: (id: string) => send<WebhookTest>({ method: "POST", path: `${at(id)}/test`, repeatable: true }),
  };
}
