import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { DEAL_STATUSES, INSTRUMENT_KINDS, REFUSALS } from "../../../src/chain/exchange-event-types.js";
import { hashDeal, hashOrder, ORDER_SIDES } from "../../../src/chain/orders.js";
import { isErrorCode } from "../../../src/errors.js";
import { arbitraryDeal, arbitraryOrder } from "../../support/arbitrary-orders.js";
import { deployExchange } from "../../support/exchange.js";

const { exchange, orderDomain, chainId } = await deployExchange();
const source = readFileSync("contracts/interfaces/IExchange.sol", "utf8");

/** The members of an enum of the interface, in kebab case. */
function membersOf(name: string): string[] {
  const [, body = ""] = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source) ?? [];
  const members = body.replace(/\/\/.*$/gm, "").match(/\w+/g) ?? [];
  return members.map((member) => member.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase());
}

describe("hashOrder", () => {
  it("should equal the twin in TypeScript for any order", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOrder, async (order) => {
        expect(await exchange.hashOrder(order)).toBe(hashOrder(order, orderDomain));
      }),
      { numRuns: 250 },
    );
  });
});

describe("hashDeal", () => {
  it("should equal the twin in TypeScript for any deal", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryDeal, async (deal) => {
        expect(await exchange.hashDeal(deal)).toBe(hashDeal(deal, orderDomain));
      }),
      { numRuns: 250 },
    );
  });
});

describe("The domain", () => {
  it("should be of this chain and this contract", async () => {
    const { name, version, chainId: chain, verifyingContract } = await exchange.eip712Domain();

    expect([name, version, chain, verifyingContract]).toEqual(["CarbonLedger", "1", chainId, exchange.target]);
  });
});

describe("The enums", () => {
  it("should be those of the contract, in its order", () => {
    expect(REFUSALS).toEqual(membersOf("Refusal"));
    expect(INSTRUMENT_KINDS).toEqual(membersOf("InstrumentKind"));
    expect(DEAL_STATUSES).toEqual(membersOf("DealStatus"));
    expect(ORDER_SIDES).toEqual(membersOf("Side"));
  });

  it("should give each refusal a row in the error table", () => {
    const rows = REFUSALS.filter((refusal) => refusal !== "none").map((refusal) => `trade-${refusal}`);

    expect(rows.filter((row) => !isErrorCode(row))).toEqual([]);
  });
});
