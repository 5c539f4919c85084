import { decodeCursor, toPage } from "../http/pagination.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import {
  apiKeyListQuery,
  apiKeyPage,
  apiKeyParams,
  apiKeyPosition,
  newApiKeyBody,
  newApiKeySchema,
} from "./schemas.js";
import type { ApiKeys } from "./service.js";

const TAG = "API keys";
const ADMIN = { scopes: ["admin"] } as const;

export function apiKeyRoutes(apiKeys: ApiKeys): Route[] {
  const create = defineRoute({
    method: "post",
    path: "/api-keys",
    summary: "Make an API key",
    description: "The answer shows the key once. It takes no idempotency key: a repetition makes another key.",
    tag: TAG,
    access: ADMIN,
    body: newApiKeyBody,
    answers: { 201: { description: "The key.", schema: newApiKeySchema } },
    async handle({ body }) {
      const created = await apiKeys.create(body);
      return { status: 201, body: created };
    },
  });

  const list = defineRoute({
    method: "get",
    path: "/api-keys",
    summary: "All API keys, the newest first",
    tag: TAG,
    access: ADMIN,
    query: apiKeyListQuery,
    answers: { 200: { description: "A page, without secrets.", schema: apiKeyPage } },
    async handle({ query }) {
      const rows = await apiKeys.list(query.limit + 1, decodeCursor(query.cursor, apiKeyPosition));
      return ok(
        toPage(
          rows,
          query.limit,
          ({ createdAt, id }) => ({ createdAt, id }),
          (row) => row,
        ),
      );
    },
  });

  const revoke = defineRoute({
    method: "delete",
    path: "/api-keys/{id}",
    summary: "Revoke an API key",
    tag: TAG,
    access: ADMIN,
    params: apiKeyParams,
    answers: { 204: { description: "It is worth nothing any more." } },
    problems: ["not-found"],
    async handle({ params }) {
      await apiKeys.revoke(params.id);
      return { status: 204 };
    },
  });

  return [create, list, revoke];
}
