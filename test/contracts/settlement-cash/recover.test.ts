import { beforeEach, describe, expect, it } from "vitest";

import { deployCash } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, compliance, exchange, participants, parts, alice, bob, fresh } = ledger;
await ledger.fundCash(alice, 100n);
await ledger.checkpoint();

describe("SettlementCash.recover", () => {
  beforeEach(ledger.reset);

  it("should move everything of a replaced account to its successor", async () => {
    await ledger.replace(alice, fresh);
    expect(await compliance.recover.staticCall(alice)).toBe(100n);
    const events = await eventsOf(compliance.recover(alice), cash);

    expect(events.map(({ name }) => name)).toEqual(["Transfer", "CashRecovered"]);
    expect([...events[1]!.args]).toEqual([alice.address, fresh.address, 100n]);
    expect([await cash.balanceOf(alice), await cash.balanceOf(fresh)]).toEqual([0n, 100n]);
    await expectRevert(compliance.recover(alice), cash, "CashAmountZero");
  });

  it("should work while paused", async () => {
    await ledger.replace(alice, fresh);
    await cash.connect(parts.guardian).pause();
    await compliance.recover(alice);
    expect(await cash.balanceOf(fresh)).toBe(100n);
  });

  it("should refuse an account that was not replaced: active, removed or unknown", async () => {
    await expectRevert(compliance.recover(alice), cash, "CashNotReplaced", [alice.address]);
    await participants.removeAccount(1, alice);
    await expectRevert(compliance.recover(alice), cash, "CashNotReplaced", [alice.address]);
    await expectRevert(compliance.recover(fresh), cash, "CashNotReplaced", [fresh.address]);
  });

  it("should refuse a successor who may not act", async () => {
    await ledger.replace(alice, fresh);
    await ledger.suspend(fresh);
    await expectRevert(compliance.recover(alice), cash, "CashAccountNotActive", [fresh.address]);
  });

  it("should refuse what belongs to many, whatever the officers wrote down about the address", async () => {
    await ledger.depositCash(alice, 50n);
    await ledger.redeem(50n);
    for (const [index, contract] of [exchange, cash].entries()) {
      const address = await contract.getAddress();
      await participants.addAccount(1, address);
      await ledger.replace(address, index === 0 ? fresh : ledger.stranger);
      await expectRevert(compliance.recover(address), cash, "CashNotReplaced", [address]);
    }
  });

  it("should refuse a caller who is no compliance officer", async () => {
    await ledger.replace(alice, fresh);
    for (const caller of [fresh, bob, parts.bank1]) {
      const act = cash.connect(caller).recover(alice);
      await expectRevert(act, cash, "AccessManagedUnauthorized", [caller.address]);
    }
  });
});
