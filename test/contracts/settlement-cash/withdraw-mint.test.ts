import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, LIMIT, PAYMENT, REFERENCE } from "../../support/cash.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, bank2, parts, alice, bob } = ledger;
const AMOUNT = LIMIT + 1n;
await cash.proposeMint(alice, AMOUNT, REFERENCE);
await ledger.checkpoint();

describe("SettlementCash.withdrawMint", () => {
  beforeEach(ledger.reset);

  it("should void the proposal, by either officer, and free its reference", async () => {
    await expectEvents(bank2.withdrawMint(REFERENCE), cash, "MintWithdrawn", [[REFERENCE, parts.bank2.address]]);

    expect(await cash.isReferenceUsed(REFERENCE)).toBe(false);
    await expectRevert(bank2.approveMint(alice, AMOUNT, REFERENCE), cash, "CashProposalUnknown", [REFERENCE]);
    await cash.proposeMint(bob, AMOUNT + 1n, REFERENCE);
    await bank2.approveMint(bob, AMOUNT + 1n, REFERENCE);
    expect(await cash.totalSupply()).toBe(AMOUNT + 1n);
  });

  it("should refuse where nothing is proposed, or all is done", async () => {
    await expectRevert(cash.withdrawMint(PAYMENT), cash, "CashProposalUnknown", [PAYMENT]);
    await bank2.approveMint(alice, AMOUNT, REFERENCE);
    await expectRevert(cash.withdrawMint(REFERENCE), cash, "CashProposalUnknown", [REFERENCE]);
  });

  it("should refuse a caller who is not the bank", async () => {
    const act = cash.connect(alice).withdrawMint(REFERENCE);
    await expectRevert(act, cash, "AccessManagedUnauthorized", [alice.address]);
  });
});
