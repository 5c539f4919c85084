import { defineAct, type OperationsPort } from "../http/act.js";
import type { Route } from "../http/route.js";
import { INTENT_PROBLEMS, MONEY_PROBLEMS, TWO_WAYS } from "../intents/schemas.js";
import { bankRoutes } from "./bank-routes.js";
import type { Bank } from "./bank-service.js";
import { cashReadRoutes, type Currency } from "./read-routes.js";
import { CASH_TAG, redemptionBody, transferBody } from "./schemas.js";
import type { Cash } from "./service.js";

export interface CashRouteDeps {
  readonly cash: Cash;
  readonly bank: Bank;
  readonly operations: OperationsPort;
  readonly currency: Currency;
}

/** Money: what the bank does, what holders do, what each may see. */
export function cashRoutes({ cash, bank, operations, currency }: CashRouteDeps): Route[] {
  return [...cashReadRoutes(cash, currency), ...holderActs(cash, operations), ...bankRoutes(bank, operations)];
}

function holderActs(cash: Cash, operations: OperationsPort): Route[] {
  const transfer = defineAct(operations, {
    path: "/cash/transfers",
    summary: "Transfer money",
    description: `${TWO_WAYS} To the address of the exchange (\`GET /v1/cash\`): a deposit into trading.`,
    tag: CASH_TAG,
    access: "public",
    body: transferBody,
    problems: [...INTENT_PROBLEMS, ...MONEY_PROBLEMS],
    perform: ({ body, principal, idempotency }) => cash.transfer(body, { principal, idempotency }),
  });

  const redeem = defineAct(operations, {
    path: "/cash/redemptions",
    summary: "Ask the bank to pay money out",
    description: `${TWO_WAYS} The money is set aside until the bank has paid, or refuses.`,
    tag: CASH_TAG,
    access: "public",
    body: redemptionBody,
    problems: [...INTENT_PROBLEMS, ...MONEY_PROBLEMS, "cash-reference-empty", "cash-payout-mismatch"],
    perform: ({ body, principal, idempotency }) => cash.redeem(body, { principal, idempotency }),
  });

  return [transfer, redeem];
}
