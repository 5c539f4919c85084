import { defineAct, type OperationsPort } from "../http/act.js";
import type { Route } from "../http/route.js";
import { pauseBody, TRANSFERS_TAG, unpauseBody } from "./schemas.js";
import type { Transfers } from "./service.js";

/** The emergency stop: one role can pull it, another must release it. */
export function pauseRoutes(deps: { transfers: Transfers; operations: OperationsPort }): Route[] {
  const { transfers, operations } = deps;

  const pause = defineAct(operations, {
    path: "/pause",
    summary: "Stop every movement of all units",
    description:
      "Transfers, retirements, cancellations and issuances are refused from then on; forced transfers and recoveries are not. " +
      "`GET /v1/chain` shows it as `paused`.",
    tag: TRANSFERS_TAG,
    access: { roles: ["guardian"] },
    body: pauseBody,
    problems: ["units-paused", "signer-unavailable"],
    perform: ({ body, ...asker }) => transfers.pause(body.reason ?? null, asker),
  });

  const unpause = defineAct(operations, {
    path: "/unpause",
    summary: "Let units move again",
    description: "Batches that are paused by themselves stay so.",
    tag: TRANSFERS_TAG,
    access: { roles: ["compliance-officer"] },
    body: unpauseBody,
    problems: ["units-not-paused", "signer-unavailable"],
    perform: (asker) => transfers.unpause(asker),
  });

  return [pause, unpause];
}
