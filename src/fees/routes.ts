import type { OperationsPort } from "../http/act.js";
import { defineDelayedAct } from "../http/delayed-act.js";
import { isoTime } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { feeAccountBody, feeBody, FEES_TAG, feesSchema } from "./schemas.js";
import type { Fees } from "./service.js";

const ADMIN = { roles: ["admin"] } as const;

/** What the exchange takes of a trade. */
export function feeRoutes(fees: Fees, operations: OperationsPort): Route[] {
  const read = defineRoute({
    method: "get",
    path: "/fees",
    summary: "The fee of the exchange, and the one that is announced",
    tag: FEES_TAG,
    access: "public",
    answers: { 200: { description: "The fees.", schema: feesSchema } },
    async handle() {
      const { next, ...now } = await fees.get();
      return ok({
        ...now,
        next: next === null ? null : { basisPoints: next.basisPoints, from: isoTime(BigInt(next.from)) },
      });
    },
  });

  const fee = defineDelayedAct(operations, {
    path: "/fees",
    tag: FEES_TAG,
    access: ADMIN,
    body: feeBody,
    summary: "Announce another fee",
    description:
      "Replaces what was announced before. Signed orders cap the fee: those that allow less than the new one leave the book a minute before it begins.",
    problems: ["exchange-fee-invalid", "exchange-fee-account-missing"],
    perform: ({ body, ...asker }) => fees.set(asker, feeOf(body)),
    scheduleSummary: "Schedule the announcement of another fee",
    schedule: ({ body, ...asker }) => fees.schedule(asker, feeOf(body)),
  });

  const account = defineDelayedAct(operations, {
    path: "/fee-account",
    tag: FEES_TAG,
    access: ADMIN,
    body: feeAccountBody,
    summary: "Name the account that receives fees",
    description: "What an earlier account has received stays there.",
    problems: ["exchange-account-not-active"],
    perform: ({ body, ...asker }) => fees.setAccount(asker, body.account),
    scheduleSummary: "Announce another account that receives fees",
    schedule: ({ body, ...asker }) => fees.scheduleAccount(asker, body.account),
  });

  return [read, ...fee, ...account];
}

function feeOf({ basisPoints, from }: { readonly basisPoints: number; readonly from: string }) {
  return { basisPoints, from: Math.floor(Date.parse(from) / 1_000) };
}
