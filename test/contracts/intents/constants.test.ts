import { expect, describe, it } from "vitest";

import { deployIntents } from "../../support/intents.js";

describe("Intents", () => {
  it("should know its limit and its EIP-712 domain", async () => {
    const { intents, chainId } = await deployIntents();

    expect(await intents.MAX_BATCH()).toBe(200n);
    const domain = await intents.eip712Domain();
    expect([domain.name, domain.version, domain.chainId, domain.verifyingContract]).toEqual([
      "CarbonLedger",
      "1",
      chainId,
      intents.target,
    ]);
  });
});
