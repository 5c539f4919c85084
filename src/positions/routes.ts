import { defineAct, type OperationsPort } from "../http/act.js";
import { isoTime, madeBy } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { INTENT_PROBLEMS, TWO_WAYS } from "../intents/schemas.js";
import type { WithdrawalView } from "../ledger/read/positions.js";
import {
  accountParams,
  oneQuery,
  positionPage,
  positionQuery,
  POSITIONS_TAG,
  recoveryBody,
  withdrawalBody,
  withdrawalPage,
  withdrawalParams,
  withdrawalQuery,
  withdrawalSchema,
} from "./schemas.js";
import type { KnownPosition, Positions } from "./service.js";

/** Positions on the exchange, and their way out. */
export function positionRoutes(positions: Positions, operations: OperationsPort): Route[] {
  return [...readRoutes(positions), ...actRoutes(positions, operations)];
}

function readRoutes(positions: Positions): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/positions",
    summary: "What accounts have on the exchange",
    description: "A participant's key sees the participant's own.",
    tag: POSITIONS_TAG,
    access: "key",
    query: positionQuery,
    answers: { 200: { description: "A page, by account and batch.", schema: positionPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, ...filter } = query;
      const { items, next } = await positions.positions(principal, filter, { limit, cursor });
      return ok({ items: items.map(positionItem), next });
    },
  });

  const withdrawals = defineRoute({
    method: "get",
    path: "/withdrawals",
    summary: "Requests to take something out of trading, the latest first",
    description: "A participant's key sees the participant's own.",
    tag: POSITIONS_TAG,
    access: "key",
    query: withdrawalQuery,
    answers: { 200: { description: "A page.", schema: withdrawalPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, ...filter } = query;
      const { items, next } = await positions.withdrawals(principal, filter, { limit, cursor });
      return ok({ items: items.map(withdrawalItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/withdrawals/{id}",
    summary: "A request to take something out of trading",
    tag: POSITIONS_TAG,
    access: "key",
    params: withdrawalParams,
    query: oneQuery,
    answers: { 200: { description: "The request.", schema: withdrawalSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(withdrawalItem(await positions.withdrawal(principal, params.id)));
    },
  });

  return [list, withdrawals, one];
}

function actRoutes(positions: Positions, operations: OperationsPort): Route[] {
  const withdraw = defineAct(operations, {
    path: "/withdrawals",
    summary: "Take units or cash out of trading",
    description:
      `${TWO_WAYS} What is asked for can no longer be traded; the operator hands it out as soon as the request is on the chain. ` +
      "If the operator does not, the account can take it alone after the delay (`takeWithdrawal` of the exchange).",
    tag: POSITIONS_TAG,
    access: "public",
    body: withdrawalBody,
    problems: [...INTENT_PROBLEMS, "participant-suspended", "exchange-amount-zero", "position-insufficient"],
    perform: ({ body, principal, idempotency }) => positions.withdraw(body, { principal, idempotency }),
  });

  const recover = defineAct(operations, {
    path: "/accounts/{address}/position-recovery",
    summary: "Carry a replaced account's position to its successor",
    description: "One position at a time: that in a batch, or in cash. Nothing of it is leaving any more.",
    tag: POSITIONS_TAG,
    access: { roles: ["compliance-officer"] },
    params: accountParams,
    body: recoveryBody,
    problems: ["exchange-not-replaced", "exchange-account-not-active", "exchange-amount-zero", "signer-unavailable"],
    perform: ({ params, body, ...asker }) => positions.recover(asker, params.address, body.batch),
  });

  return [withdraw, recover];
}

function positionItem({ availableAt, ...position }: KnownPosition) {
  return { ...position, availableAt: availableAt === null ? null : isoTime(availableAt) };
}

function withdrawalItem(withdrawal: WithdrawalView) {
  const { id, account, batch, amount, status, availableAt, intentHash, requestedAt, closedAt, closedTxHash } =
    withdrawal;
  const made = madeBy(withdrawal, `/v1/withdrawals/${id}`);
  const closing = closedTxHash === null ? null : `/v1/transactions/${closedTxHash}`;
  return {
    ...{ id, account, batch, amount, status, intentHash },
    availableAt: isoTime(availableAt),
    requestedAt: isoTime(requestedAt),
    closedAt: closedAt === null ? null : isoTime(closedAt),
    ...made,
    links: { ...made.links, closing },
  };
}
