import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, LIMIT, REFERENCE } from "../../support/cash.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, parts, alice } = ledger;
const admin = cash.connect(parts.admin);

describe("SettlementCash.setSingleApprovalLimit", () => {
  beforeEach(ledger.reset);

  it("should hold from now on, and be said", async () => {
    await expectEvents(admin.setSingleApprovalLimit(5), cash, "SingleApprovalLimitSet", [[5]]);
    expect(await cash.singleApprovalLimit()).toBe(5n);
    await expectRevert(cash.mint(alice, 6, REFERENCE), cash, "CashAboveLimit", [6, 5]);
    await cash.mint(alice, 5, REFERENCE);
  });

  it("should let zero mean that two always agree", async () => {
    await admin.setSingleApprovalLimit(0);
    await expectRevert(cash.mint(alice, 1, REFERENCE), cash, "CashAboveLimit", [1, 0]);
    await cash.proposeMint(alice, 1, REFERENCE);
    await ledger.bank2.approveMint(alice, 1, REFERENCE);
    expect(await cash.balanceOf(alice)).toBe(1n);
  });

  it("should refuse the bank itself", async () => {
    const act = cash.setSingleApprovalLimit(LIMIT + 1n);
    await expectRevert(act, cash, "AccessManagedUnauthorized", [parts.bank1.address]);
  });
});
