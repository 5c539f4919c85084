import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

import { INTENT_KINDS } from "../../../src/chain/event-types.js";
import {
  DEAL_STATUSES,
  INSTRUMENT_KINDS,
  REDEMPTION_STATUSES,
  REFUSALS,
} from "../../../src/chain/exchange-event-types.js";

/** The members of a Solidity enum, as the API spells them. */
async function membersOf(contract: string, name: string): Promise<string[]> {
  const source = await readFile(new URL(`../../../contracts/interfaces/${contract}.sol`, import.meta.url), "utf8");
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  const members = body.replaceAll(/\/\/\/[^\n]*/g, "").split(",");
  return members.map((member) =>
    member
      .trim()
      .replaceAll(/(?<=[a-z])(?=[A-Z])/g, "-")
      .toLowerCase(),
  );
}

describe("enums of money and trades", () => {
  it.each([
    ["IExchange", "Refusal", REFUSALS],
    ["IExchange", "InstrumentKind", INSTRUMENT_KINDS],
    ["IExchange", "DealStatus", DEAL_STATUSES],
    ["ISettlementCash", "RedemptionStatus", REDEMPTION_STATUSES],
    ["IIntents", "IntentKind", INTENT_KINDS],
  ])("%s.%s should have the same members in the same order in TypeScript", async (contract, name, twin) => {
    expect(await membersOf(contract, name)).toEqual([...twin]);
  });
});
