import { beforeEach, describe, expect, it } from "vitest";

import { deployCash } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, parts, alice } = ledger;
await ledger.fundCash(alice, 100n);
await ledger.checkpoint();
const guardian = cash.connect(parts.guardian);

describe("SettlementCash.pause", () => {
  beforeEach(ledger.reset);

  it("should stop movements and move nothing itself", async () => {
    const events = await eventsOf(guardian.pause(), cash);

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([["CashPaused", parts.guardian.address]]);
    expect(await cash.paused()).toBe(true);
    expect(await cash.balanceOf(alice)).toBe(100n);
  });

  it("should refuse a second time", async () => {
    await guardian.pause();
    await expectRevert(guardian.pause(), cash, "CashIsPaused");
  });

  it("should refuse a caller who is no guardian", async () => {
    for (const caller of [alice, parts.bank1, parts.compliance1]) {
      const act = cash.connect(caller).pause();
      await expectRevert(act, cash, "AccessManagedUnauthorized", [caller.address]);
    }
  });
});
