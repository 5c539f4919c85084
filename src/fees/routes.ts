import { defineAct, type OperationsPort } from "../http/act.js";
import { isoTime } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { feeAccountBody, feeBody, FEES_TAG, feesSchema } from "./schemas.js";
import type { Fees } from "./service.js";

const ADMIN = { roles: ["admin"] } as const;
/** Of a role that has a delay. */
const DELAYED = ["access-manager-not-scheduled", "access-manager-not-ready", "signer-unavailable"] as const;
const SCHEDULING = [
  "access-manager-already-scheduled",
  "access-manager-unauthorized-call",
  "signer-unavailable",
] as const;

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

  return [read, ...feeActs(fees, operations), ...accountActs(fees, operations)];
}

function feeActs(fees: Fees, operations: OperationsPort): Route[] {
  const set = defineAct(operations, {
    path: "/fees",
    summary: "Announce another fee",
    description:
      "Replaces what was announced before. Signed orders cap the fee: those that allow less than the new one stay in the " +
      "book and fail from its beginning. Where the role has a delay, it must be scheduled first, with the same body.",
    tag: FEES_TAG,
    access: ADMIN,
    body: feeBody,
    problems: ["exchange-fee-invalid", "exchange-fee-account-missing", ...DELAYED],
    perform: ({ body, ...asker }) => fees.set(asker, feeOf(body)),
  });

  const schedule = defineAct(operations, {
    path: "/fees/schedule",
    summary: "Schedule the announcement of another fee",
    description: "The delay of the role begins; until it is over it may be cancelled.",
    tag: FEES_TAG,
    access: ADMIN,
    body: feeBody,
    problems: SCHEDULING,
    perform: ({ body, ...asker }) => fees.schedule(asker, feeOf(body)),
  });

  return [set, schedule];
}

function accountActs(fees: Fees, operations: OperationsPort): Route[] {
  const set = defineAct(operations, {
    path: "/fee-account",
    summary: "Name the account that receives fees",
    description:
      "What an earlier account has received stays there. Where the role has a delay, it must be scheduled first.",
    tag: FEES_TAG,
    access: ADMIN,
    body: feeAccountBody,
    problems: ["exchange-account-not-active", ...DELAYED],
    perform: ({ body, ...asker }) => fees.setAccount(asker, body.account),
  });

  const schedule = defineAct(operations, {
    path: "/fee-account/schedule",
    summary: "Announce another account that receives fees",
    description: "The delay of the role begins; until it is over it may be cancelled.",
    tag: FEES_TAG,
    access: ADMIN,
    body: feeAccountBody,
    problems: SCHEDULING,
    perform: ({ body, ...asker }) => fees.scheduleAccount(asker, body.account),
  });

  return [set, schedule];
}

function feeOf({ basisPoints, from }: { readonly basisPoints: number; readonly from: string }) {
  return { basisPoints, from: Math.floor(Date.parse(from) / 1_000) };
}
