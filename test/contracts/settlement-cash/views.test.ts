import { ZeroAddress, ZeroHash } from "ethers";
import { describe, expect, it } from "vitest";

import { deployCash, LIMIT, REFERENCE } from "../../support/cash.js";
import { deployTestLedger } from "../../support/ledger.js";

describe("SettlementCash", () => {
  it("should be the currency that the deployment names", async () => {
    const currency = { name: "Settlement euro", symbol: "EUR", decimals: 2 };
    const { cash } = await deployTestLedger({ currency, singleApprovalLimit: "12345" });

    expect([await cash.name(), await cash.symbol(), await cash.decimals()]).toEqual(["Settlement euro", "EUR", 2n]);
    expect(await cash.singleApprovalLimit()).toBe(12_345n);
    const said = await cash.queryFilter(cash.filters.SingleApprovalLimitSet);
    expect(said.map(({ args }) => args.limit)).toEqual([12_345n]);
  });

  it("should know nothing before the first deposit", async () => {
    const { cash } = await deployCash();

    expect([await cash.totalSupply(), await cash.redemptionCount(), await cash.paused()]).toEqual([0n, 0n, false]);
    expect(await cash.isReferenceUsed(REFERENCE)).toBe(false);
    expect([...(await cash.redemption(1))]).toEqual([ZeroAddress, 0n, 0n, ZeroAddress, ZeroHash]);
  });

  it("should say of each reference whether it is taken", async () => {
    const { cash, alice } = await deployCash();
    await cash.proposeMint(alice, LIMIT + 1n, REFERENCE);
    expect(await cash.isReferenceUsed(REFERENCE)).toBe(true);
    await cash.withdrawMint(REFERENCE);
    expect(await cash.isReferenceUsed(REFERENCE)).toBe(false);
    await cash.mint(alice, 1, REFERENCE);
    expect(await cash.isReferenceUsed(REFERENCE)).toBe(true);
  });
});
