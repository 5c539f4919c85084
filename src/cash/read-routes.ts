import { isoTime, madeBy } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { toInteger } from "../integers.js";
import type { CashBalanceView, CashDepositView } from "../ledger/read/cash.js";
import type { CashStatement, StatementMovement } from "../ledger/read/cash-statement.js";
import {
  balancePage,
  balanceQuery,
  CASH_TAG,
  currencySchema,
  depositPage,
  depositQuery,
  depositSchema,
  oneQuery,
  redemptionPage,
  redemptionParams,
  redemptionQuery,
  redemptionSchema,
  referenceParams,
  statementQuery,
  statementSchema,
} from "./schemas.js";
import type { Cash, KnownRedemption, StatementQuery } from "./service.js";

/** The settlement currency: as it was deployed, and where. */
export interface Currency {
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly contract: string;
  readonly exchange: string;
}

/** What anybody, and what each holder, may see of money. */
export function cashReadRoutes(cash: Cash, currency: Currency): Route[] {
  return [...generalReads(cash, currency), ...depositReads(cash), ...redemptionReads(cash)];
}

function generalReads(cash: Cash, currency: Currency): Route[] {
  const one = defineRoute({
    method: "get",
    path: "/cash",
    summary: "The settlement currency",
    tag: CASH_TAG,
    access: "public",
    query: oneQuery,
    answers: { 200: { description: "The currency.", schema: currencySchema } },
    async handle() {
      const { supply, isPaused, singleApprovalLimit } = await cash.totals();
      return ok({ ...currency, supply, paused: isPaused, singleApprovalLimit });
    },
  });

  const balances = defineRoute({
    method: "get",
    path: "/cash/balances",
    summary: "What accounts have outside the exchange",
    description: "A participant's key sees the participant's own.",
    tag: CASH_TAG,
    access: "key",
    query: balanceQuery,
    answers: { 200: { description: "A page, by account.", schema: balancePage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, ...filter } = query;
      const { items, next } = await cash.balances(principal, filter, { limit, cursor });
      return ok({ items: items.map(balanceItem), next });
    },
  });

  const statement = defineRoute({
    method: "get",
    path: "/cash/statement",
    summary: "The statement of an account between two days",
    description: "Opening and movements add up to the closing, to the unit.",
    tag: CASH_TAG,
    access: "key",
    query: statementQuery,
    answers: { 200: { description: "The statement.", schema: statementSchema } },
    problems: ["not-found", "cash-statement-too-long"],
    async handle({ query, principal }) {
      return ok(statementBody(query, await cash.statement(principal, query)));
    },
  });

  return [one, balances, statement];
}

function depositReads(cash: Cash): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/cash/deposits",
    summary: "Deposits, the latest first",
    description: "A participant's key sees the participant's own.",
    tag: CASH_TAG,
    access: "key",
    query: depositQuery,
    answers: { 200: { description: "A page.", schema: depositPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, ...filter } = query;
      const { items, next } = await cash.deposits(principal, filter, { limit, cursor });
      return ok({ items: items.map(depositItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/cash/deposits/{reference}",
    summary: "A deposit, by its reference or the hash of it",
    tag: CASH_TAG,
    access: "key",
    params: referenceParams,
    query: oneQuery,
    answers: { 200: { description: "The deposit.", schema: depositSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(depositItem(await cash.deposit(principal, params.reference)));
    },
  });

  return [list, one];
}

function redemptionReads(cash: Cash): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/cash/redemptions",
    summary: "Redemptions, the latest first",
    description: "A participant's key sees the participant's own.",
    tag: CASH_TAG,
    access: "key",
    query: redemptionQuery,
    answers: { 200: { description: "A page.", schema: redemptionPage } },
    problems: ["forbidden"],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, ...filter } = query;
      const { items, next } = await cash.redemptions(principal, filter, { limit, cursor });
      return ok({ items: items.map(redemptionItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/cash/redemptions/{id}",
    summary: "A redemption",
    tag: CASH_TAG,
    access: "key",
    params: redemptionParams,
    query: oneQuery,
    answers: { 200: { description: "The redemption.", schema: redemptionSchema } },
    problems: ["not-found"],
    async handle({ params, principal }) {
      return ok(redemptionItem(await cash.redemption(principal, BigInt(params.id))));
    },
  });

  return [list, one];
}

/** A balance, as the API shows it. */
function balanceItem({ account, participantId, amount }: CashBalanceView) {
  return { account, participantId, amount };
}

/** A deposit, as the API shows it. */
function depositItem(deposit: CashDepositView) {
  const { reference, account, amount, status, proposer, decidedBy, timestamp } = deposit;
  return {
    ...{ reference, account, amount, status, proposer, decidedBy },
    changedAt: isoTime(timestamp),
    ...madeBy(deposit, `/v1/cash/deposits/${reference}`),
  };
}

/** A redemption, as the API shows it. */
function redemptionItem(redemption: KnownRedemption) {
  const { id, requestedAt, decidedAt, txHash: _, blockNumber: __, decidedTxHash, ...rest } = redemption;
  const made = madeBy(redemption, `/v1/cash/redemptions/${id}`);
  const decision = decidedTxHash === null ? null : `/v1/transactions/${decidedTxHash}`;
  return {
    ...rest,
    id: id.toString(),
    requestedAt: isoTime(requestedAt),
    decidedAt: decidedAt === null ? null : isoTime(decidedAt),
    ...made,
    links: { ...made.links, decision },
  };
}

/** A statement, as the API shows it. */
function statementBody({ account, place, from, to }: StatementQuery, statement: CashStatement) {
  const amounts = statement.movements.map(({ amount }) => amount);
  const credits = amounts.reduce((sum, amount) => (amount > 0n ? sum + amount : sum), 0n);
  const debits = amounts.reduce((sum, amount) => (amount < 0n ? sum - amount : sum), 0n);
  const { opening, closing } = statement;
  return {
    account,
    place,
    from,
    to,
    opening,
    movements: statement.movements.map(movementItem),
    credits,
    debits,
    closing,
  };
}

function movementItem({ redemptionId, timestamp, blockNumber, ...movement }: StatementMovement) {
  return {
    ...movement,
    redemptionId: redemptionId === null ? null : redemptionId.toString(),
    timestamp: isoTime(timestamp),
    blockNumber: toInteger(blockNumber),
  };
}
