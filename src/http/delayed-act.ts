import type { z } from "zod";

import type { ErrorCode } from "../errors.js";
import { defineAct, type ActRequest, type OperationsPort } from "./act.js";
import type { Route } from "./route.js";

interface DelayedAct<Body> {
  readonly path: string;
  readonly tag: string;
  readonly access: { readonly roles: readonly ["admin"] };
  readonly body: z.ZodType<Body>;
  readonly summary: string;
  /** What there is to say besides the delay. */
  readonly description?: string;
  /** Of the act itself. */
  readonly problems: readonly ErrorCode[];
  perform(request: ActRequest<undefined, Body>): Promise<string>;
  readonly scheduleSummary: string;
  schedule(request: ActRequest<undefined, Body>): Promise<string>;
}

/** An act of a role that may have a delay (OpenZeppelin AccessManager), and the announcement that begins the delay: two routes, one body. */
export function defineDelayedAct<Body>(
  operations: OperationsPort,
  { path, tag, access, body, summary, description, problems, perform, scheduleSummary, schedule }: DelayedAct<Body>,
): Route[] {
  const delay = "Where the role has a delay, it must be scheduled first, with the same body.";
  return [
    defineAct(operations, {
      path,
      summary,
      description: description === undefined ? delay : `${description} ${delay}`,
      tag,
      access,
      body,
      problems: [...problems, "access-manager-not-scheduled", "access-manager-not-ready", "signer-unavailable"],
      perform,
    }),
    defineAct(operations, {
      path: `${path}/schedule`,
      summary: scheduleSummary,
      description: "The delay of the role begins; until it is over it may be cancelled.",
      tag,
      access,
      body,
      problems: ["access-manager-already-scheduled", "access-manager-unauthorized-call", "signer-unavailable"],
      perform: schedule,
    }),
  ];
}
