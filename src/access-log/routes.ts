import { defineRoute, ok, type Route } from "../http/route.js";
import { accessLogPage, accessLogQuery } from "./schemas.js";
import type { AccessLog } from "./service.js";

export function accessLogRoutes(accessLog: AccessLog): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/access-log",
    summary: "Privileged reads, the newest first",
    description:
      "Every read of what is not public, by a key of scope auditor, regulator, role or admin, was written here before it was " +
      "answered. Reading this is such a read, too.",
    tag: "Access log",
    access: { scopes: ["admin", "regulator"] },
    query: accessLogQuery,
    answers: { 200: { description: "A page.", schema: accessLogPage } },
    async handle({ query: { limit, cursor, ...filter } }) {
      return ok(await accessLog.list(filter, { limit, cursor }));
    },
  });

  return [list];
}
