import { beforeEach, describe, expect, it } from "vitest";

import { deployCash } from "../../support/cash.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, compliance, parts, alice, bob } = ledger;
await ledger.fundCash(alice, 100n);
await cash.connect(parts.guardian).pause();
await ledger.checkpoint();

describe("SettlementCash.unpause", () => {
  beforeEach(ledger.reset);

  it("should let money move again", async () => {
    await expectEvents(compliance.unpause(), cash, "CashUnpaused", [[parts.compliance1.address]]);
    expect(await cash.paused()).toBe(false);
    await cash.connect(alice).transfer(bob, 1);
  });

  it("should refuse when nothing is paused", async () => {
    await compliance.unpause();
    await expectRevert(compliance.unpause(), cash, "CashNotPaused");
  });

  it("should refuse the guardian, who only stops", async () => {
    const act = cash.connect(parts.guardian).unpause();
    await expectRevert(act, cash, "AccessManagedUnauthorized", [parts.guardian.address]);
  });
});
