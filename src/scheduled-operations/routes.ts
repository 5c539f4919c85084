import { z } from "zod";

import { defineAct, type OperationsPort } from "../http/act.js";
import { hashInput } from "../http/primitives.js";
import type { Route } from "../http/route.js";
import type { ScheduledOperations } from "./service.js";

const cancelParams = z.strictObject({
  id: hashInput.describe("`scheduledOperationId` in the result of the operation that scheduled it."),
});
const cancelBody = z.strictObject({});

export function scheduledOperationRoutes(scheduled: ScheduledOperations, operations: OperationsPort): Route[] {
  const cancel = defineAct(operations, {
    path: "/scheduled-operations/{id}/cancel",
    summary: "Cancel an act that waits for its delay",
    description:
      "By a guardian of the role, an administrator, or the account that scheduled it. What was scheduled is read at " +
      "`GET /v1/events?name=OperationScheduled`.",
    tag: "Scheduled operations",
    access: { roles: ["guardian", "enforcement", "admin"] },
    params: cancelParams,
    body: cancelBody,
    problems: ["not-found", "access-manager-not-scheduled", "access-manager-unauthorized-cancel", "signer-unavailable"],
    perform: ({ params, ...asker }) => scheduled.cancel(params.id, asker),
  });

  return [cancel];
}
