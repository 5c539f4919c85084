import { beforeEach, describe, expect, it } from "vitest";

import { deployCash } from "../../support/cash.js";
import { expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, parts, alice, bob } = ledger;
await ledger.fundCash(alice, 100n);
await ledger.checkpoint();

describe("SettlementCash.transferFor", () => {
  beforeEach(ledger.reset);

  it("should refuse any caller but the intents contract: also the holder and the bank", async () => {
    await cash.connect(alice).approve(bob, 100);
    for (const caller of [alice, bob, parts.bank1, parts.operator, parts.admin]) {
      const act = cash.connect(caller).transferFor(alice, bob, 1);
      await expectRevert(act, cash, "CashCallerNotAllowed", [caller.address, alice.address]);
    }
    expect(await cash.balanceOf(alice)).toBe(100n);
  });
});
