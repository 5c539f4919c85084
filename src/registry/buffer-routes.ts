import { z } from "zod";
import { defineAct, type OperationsPort } from "../http/act.js";
import { addressInput } from "../http/primitives.js";
import type { Route } from "../http/route.js";
import type { BufferAccount } from "./buffer-service.js";

const TAG = "Issuances";
const ADMIN = { roles: ["admin"] } as const;

const accountBody = z.strictObject({
  account: addressInput.describe("An active account of a participant that may hold the buffer."),
});

export function bufferRoutes(bufferAccount: BufferAccount, operations: OperationsPort): Route[] {
  const set = defineAct(operations, {
    path: "/buffer-account",
    summary: "Name the account that receives the buffer share of every issuance",
    description: "What an earlier account holds stays there. Where the role has a delay, it must be scheduled first.",
    tag: TAG,
    access: ADMIN,
    body: accountBody,
    problems: ["registry-buffer-account-invalid", "access-managed-required-delay", "signer-unavailable"],
    perform: (request) => bufferAccount.set(request, request.body.account),
  });

  const schedule = defineAct(operations, {
    path: "/buffer-account/schedule",
    summary: "Announce another buffer account",
    description: "The delay of the role begins; until it is over it may be cancelled.",
    tag: TAG,
    access: ADMIN,
    body: accountBody,
    problems: ["access-manager-already-scheduled", "access-manager-unauthorized-call", "signer-unavailable"],
    perform: (request) => bufferAccount.schedule(request, request.body.account),
  });

  return [set, schedule];
}
