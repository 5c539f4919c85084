import { requireKey } from "../http/auth.js";
import { decodeCursor, toPage } from "../http/pagination.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import {
  deliveryPage,
  deliveryParams,
  deliveryQuery,
  deliverySchema,
  newWebhookSchema,
  position,
  redeliveryBody,
  redeliverySchema,
  rotatedSecretSchema,
  shownDelivery,
  shownTest,
  shownWebhook,
  testSchema,
  webhookBody,
  webhookPage,
  webhookParams,
  webhookQuery,
  webhookSchema,
  WEBHOOKS_TAG as tag,
} from "./webhook-schemas.js";
import type { Webhooks } from "./webhooks.js";

const OWNERS = { scopes: ["participant", "role"] } as const;
const OWNERS_AND_ADMIN = { scopes: ["participant", "role", "admin"] } as const;

/** Webhooks and their messages. */
export function webhookRoutes(webhooks: Webhooks): Route[] {
  return [...manageRoutes(webhooks), ...changeRoutes(webhooks), ...deliveryRoutes(webhooks), testRoute(webhooks)];
}

function manageRoutes(webhooks: Webhooks): Route[] {
  const create = defineRoute({
    method: "post",
    path: "/webhooks",
    summary: "Have a receiver told what happens to operations",
    description:
      "A participant's key is told of its own operations and of trades that it is a side of; a role's key, of operations in that role. " +
      "Messages are signed as Standard Webhooks 1.0 has it, and repeated until a 2xx answer, for some three days. The answer shows the secret " +
      "once. It takes no idempotency key: a repetition makes another webhook.",
    tag,
    access: OWNERS,
    body: webhookBody,
    answers: { 201: { description: "The webhook, with its secret.", schema: newWebhookSchema } },
    problems: ["webhook-url-refused", "too-many-webhooks"],
    async handle({ body, principal }) {
      const { webhook, secret } = await webhooks.create(requireKey(principal), body);
      const shown = shownWebhook(webhook);
      return { status: 201, body: { ...shown, secret }, headers: { location: shown.links.self } };
    },
  });

  const list = defineRoute({
    method: "get",
    path: "/webhooks",
    summary: "Own webhooks, the newest first",
    description: "An administrator sees all.",
    tag,
    access: OWNERS_AND_ADMIN,
    query: webhookQuery,
    answers: { 200: { description: "A page, without secrets.", schema: webhookPage } },
    async handle({ query, principal }) {
      const { limit, cursor } = query;
      const rows = await webhooks.list(requireKey(principal), limit + 1, decodeCursor(cursor, position));
      return ok(toPage(rows, limit, ({ seq }) => seq, shownWebhook));
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/webhooks/{id}",
    summary: "A webhook",
    tag,
    access: OWNERS_AND_ADMIN,
    params: webhookParams,
    answers: { 200: { description: "The webhook, without its secret.", schema: webhookSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(shownWebhook(await webhooks.get(requireKey(principal), params.id)));
    },
  });

  return [create, list, one];
}

function changeRoutes(webhooks: Webhooks): Route[] {
  const remove = defineRoute({
    method: "delete",
    path: "/webhooks/{id}",
    summary: "Remove a webhook and its messages",
    tag,
    access: OWNERS_AND_ADMIN,
    params: webhookParams,
    answers: { 204: { description: "Nothing more is sent." } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      await webhooks.remove(requireKey(principal), params.id);
      return { status: 204 };
    },
  });

  const rotate = defineRoute({
    method: "post",
    path: "/webhooks/{id}/rotate",
    summary: "Make a new secret",
    description: "For a day messages carry the signatures of both, so that the receiver can change in peace.",
    tag,
    access: OWNERS,
    params: webhookParams,
    answers: { 200: { description: "The new secret, shown this once.", schema: rotatedSecretSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      const { secret, previousUntil } = await webhooks.rotate(requireKey(principal), params.id);
      return ok({ secret, previousUntil: previousUntil.toISOString() });
    },
  });

  const enable = defineRoute({
    method: "post",
    path: "/webhooks/{id}/enable",
    summary: "Send again to a receiver that was given up",
    description:
      "It is told what happens from now on; what it missed can be read from the stream, or sent again by hand.",
    tag,
    access: OWNERS,
    params: webhookParams,
    answers: { 200: { description: "The webhook, active.", schema: webhookSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(shownWebhook(await webhooks.enable(requireKey(principal), params.id)));
    },
  });

  return [remove, rotate, enable];
}

function deliveryRoutes(webhooks: Webhooks): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/webhooks/{id}/deliveries",
    summary: "Messages of a webhook, the newest first",
    description: "With `status=dead`: those that were given up. They are kept for 30 days.",
    tag,
    access: OWNERS_AND_ADMIN,
    params: webhookParams,
    query: deliveryQuery,
    answers: { 200: { description: "A page.", schema: deliveryPage } },
    problems: ["not-found"],
    async handle({ params, query, principal }) {
      const { limit, cursor, status } = query;
      const before = decodeCursor(cursor, position);
      const rows = await webhooks.deliveries(requireKey(principal), params.id, { status, limit: limit + 1, before });
      return ok(toPage(rows, limit, ({ sequence }) => sequence, shownDelivery));
    },
  });

  const redeliver = defineRoute({
    method: "post",
    path: "/webhooks/{id}/deliveries/{sequence}/redeliver",
    summary: "Send a message again",
    description: "Under the same `webhook-id`: a receiver that has it already knows it.",
    tag,
    access: OWNERS,
    params: deliveryParams,
    answers: { 200: { description: "It is on its way.", schema: deliverySchema } },
    problems: ["not-found", "webhook-disabled"],
    async handle({ params, principal }) {
      const row = await webhooks.redeliver(requireKey(principal), params.id, params.sequence);
      return ok(shownDelivery(row));
    },
  });

  const redeliverDead = defineRoute({
    method: "post",
    path: "/webhooks/{id}/redeliver",
    summary: "Send again what was given up",
    description:
      "All dead letters among the messages that were made since a time, the oldest first, under the same `webhook-id` each. What is on its " +
      "way already, or was taken, is left alone: the request can be repeated.",
    tag,
    access: OWNERS,
    params: webhookParams,
    body: redeliveryBody,
    answers: { 200: { description: "How many there were.", schema: redeliverySchema } },
    problems: ["not-found", "webhook-disabled"],
    async handle({ params, body, principal }) {
      return ok({ redelivered: await webhooks.redeliverDead(requireKey(principal), params.id, body.since) });
    },
  });

  return [list, redeliver, redeliverDead];
}

function testRoute(webhooks: Webhooks): Route {
  return defineRoute({
    method: "post",
    path: "/webhooks/{id}/test",
    summary: "Send a signed message that tells of nothing",
    description:
      "Of the type `webhook.test`, once, now, and also to a receiver that was given up. The answer says what the receiver answered; the " +
      "message is not kept and not repeated, and neither good nor bad news changes the webhook.",
    tag,
    access: OWNERS,
    params: webhookParams,
    answers: { 200: { description: "What came of it.", schema: testSchema } },
    problems: ["not-found"],
    async handle({ params, principal, signal }) {
      return ok(shownTest(await webhooks.test(requireKey(principal), params.id, signal)));
    },
  });
}
