import { describe, expect, it } from "vitest";

import { ANY, BATCH, OTHER_BATCH, deployWithBatch } from "../../support/units.js";

describe("totals", () => {
  it("INV-1 should always be issued = held + retired + cancelled", async () => {
    const { units, alice, bob, retirements } = await deployWithBatch(1000);
    await units.connect(alice).transfer(alice, bob, BATCH, 400, ANY);
    await units.connect(retirements).burn(alice, BATCH, 100, ANY, false);
    await units.connect(retirements).burn(bob, BATCH, 50, ANY, true);

    const { issuedTonnes, heldTonnes, retiredTonnes, cancelledTonnes } = await units.totals(BATCH);

    expect([issuedTonnes, heldTonnes, retiredTonnes, cancelledTonnes]).toEqual([1000n, 850n, 100n, 50n]);
    expect((await units.balanceOf(alice, BATCH)) + (await units.balanceOf(bob, BATCH))).toBe(heldTonnes);
  });

  it("should be zero for a batch that does not exist", async () => {
    const { units } = await deployWithBatch();

    expect([...(await units.totals(OTHER_BATCH))]).toEqual([0n, 0n, 0n, 0n]);
  });
});
