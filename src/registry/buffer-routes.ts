import { z } from "zod";
import type { OperationsPort } from "../http/act.js";
import { defineDelayedAct } from "../http/delayed-act.js";
import { addressInput } from "../http/primitives.js";
import type { Route } from "../http/route.js";
import type { BufferAccount } from "./buffer-service.js";

const TAG = "Issuances";
const ADMIN = { roles: ["admin"] } as const;

const accountBody = z.strictObject({
  account: addressInput.describe("An active account of a participant that may hold the buffer."),
});

export function bufferRoutes(bufferAccount: BufferAccount, operations: OperationsPort): Route[] {
  return defineDelayedAct(operations, {
    path: "/buffer-account",
    tag: TAG,
    access: ADMIN,
    body: accountBody,
    summary: "Name the account that receives the buffer share of every issuance",
    description: "What an earlier account holds stays there.",
    problems: ["registry-buffer-account-invalid"],
    perform: (request) => bufferAccount.set(request, request.body.account),
    scheduleSummary: "Announce another buffer account",
    schedule: (request) => bufferAccount.schedule(request, request.body.account),
  });
}
