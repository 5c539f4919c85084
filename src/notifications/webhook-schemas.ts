import { z } from "zod";

import { pageOf, pageQuery } from "../http/pagination.js";
import { dateTime, dateTimeInput, optional } from "../http/primitives.js";
import { EVENT_TYPES } from "./events.js";
import { kind, sequence } from "./schemas.js";
import type { DeliveryRow, WebhookRow } from "./webhook-store.js";
import type { TestDelivery } from "./webhooks.js";

export const WEBHOOKS_TAG = "Webhooks";

const MAX_URL = 2_000;
const MAX_LABEL = 100;
const MAX_KINDS = 50;

export const webhookBody = z.strictObject({
  url: z.string().min(1).max(MAX_URL).describe("Where messages are posted to. https, on the public internet."),
  label: optional(
    z
      .string()
      .max(MAX_LABEL)
      .regex(/^[^\p{Cc}]*$/u, "must be without control characters"),
  ).describe("For people."),
  types: optional(z.array(z.enum(EVENT_TYPES)).min(1)).describe("Only these events; all when left out."),
  kinds: optional(z.array(kind).min(1).max(MAX_KINDS)).describe(
    "Only of these kinds of operations; all when left out.",
  ),
});

export const webhookSchema = z
  .strictObject({
    id: z.string(),
    participantId: z.int().nullable().describe("Whose operations it tells."),
    role: z.string().nullable().describe("Or those that were asked for in this role."),
    url: z.string(),
    label: z.string(),
    types: z.array(z.enum(EVENT_TYPES)).nullable(),
    kinds: z.array(z.string()).nullable(),
    status: z.enum(["active", "disabled"]),
    reason: z.string().nullable().describe("Why it is disabled."),
    failingSince: dateTime.nullable().describe("Since when the receiver has taken nothing; null: all is well."),
    createdAt: dateTime,
    links: z.strictObject({ self: z.string(), deliveries: z.string() }),
  })
  .meta({ id: "Webhook" });

const secret = z
  .string()
  .describe("`whsec_` and base64. Shown this once. Whoever has it can write messages that pass for ours.");

export const newWebhookSchema = webhookSchema.extend({ secret }).meta({ id: "NewWebhook" });
export const rotatedSecretSchema = z
  .strictObject({ secret, previousUntil: dateTime.describe("Until then messages carry both signatures.") })
  .meta({ id: "WebhookSecret" });
export const webhookPage = pageOf(webhookSchema);
export const webhookQuery = z.strictObject(pageQuery);

export const webhookParams = z.strictObject({
  id: z.string().regex(/^wh_[0-9a-f]{16}$/, "must be the id of a webhook"),
});

export const deliverySchema = z
  .strictObject({
    sequence,
    messageId: z.string().describe("`webhook-id` of the message, the same at every try."),
    type: z.string(),
    status: z.enum(["pending", "delivered", "dead"]).describe("`dead`: given up; it can be sent again by hand."),
    attempts: z.int().nonnegative(),
    nextAttemptAt: dateTime.nullable(),
    attemptedAt: dateTime.nullable(),
    answer: z.int().nullable().describe("HTTP status of the last answer."),
    error: z.string().nullable().describe("What went wrong at the last try; null while another one is under way."),
    deliveredAt: dateTime.nullable(),
    createdAt: dateTime,
    body: z.string().describe("The bytes that are sent."),
    links: z.strictObject({ self: z.string(), webhook: z.string() }),
  })
  .meta({ id: "WebhookDelivery" });
export const deliveryPage = pageOf(deliverySchema);
export const deliveryQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(["pending", "delivered", "dead"]).optional(),
});

const number = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, "must be a sequence number")
  .transform((text) => BigInt(text));
export const deliveryParams = z.strictObject({ ...webhookParams.shape, sequence: number });

export const redeliveryBody = z.strictObject({
  since: dateTimeInput
    .transform((text) => new Date(text))
    .describe("Messages that were made since then, as far as they were given up."),
});
export const redeliverySchema = z
  .strictObject({ redelivered: z.int().nonnegative().describe("How many are on their way again.") })
  .meta({ id: "WebhookRedelivery" });

export const testSchema = z
  .strictObject({
    messageId: z.string().describe("`webhook-id` of the message."),
    isTaken: z.boolean().describe("The receiver answered 2xx."),
    answer: z.int().nullable().describe("HTTP status of the answer."),
    error: z.string().nullable().describe("What went wrong."),
    milliseconds: z.int().nonnegative().describe("How long it took."),
    body: z.string().describe("The bytes that were sent."),
  })
  .meta({ id: "WebhookTest" });

/** Where a page ends. */
export const position = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform((text) => BigInt(text));

export function shownWebhook(row: WebhookRow) {
  const self = `/v1/webhooks/${row.id}`;
  return {
    id: row.id,
    participantId: row.participant_id,
    role: row.role,
    url: row.url,
    label: row.label,
    types: row.types,
    kinds: row.kinds,
    status: row.status,
    reason: row.reason,
    failingSince: row.failing_since?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    links: { self, deliveries: `${self}/deliveries` },
  };
}

export function shownDelivery(row: DeliveryRow) {
  const webhook = `/v1/webhooks/${row.webhook_id}`;
  return {
    sequence: Number(row.sequence),
    messageId: `${row.webhook_id}_${row.sequence}`,
    type: row.type,
    status: row.status,
    attempts: row.attempts,
    nextAttemptAt: row.status === "pending" ? row.due_at.toISOString() : null,
    attemptedAt: row.attempted_at?.toISOString() ?? null,
    answer: row.answer,
    error: row.error,
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    body: row.body,
    links: { self: `${webhook}/deliveries/${row.sequence}`, webhook },
  };
}

export function shownTest({ status: answer, error, ...rest }: TestDelivery) {
  return { ...rest, isTaken: error === null, answer, error };
}
