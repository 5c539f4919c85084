import { beforeAll, describe, expect, it } from "vitest";

import { deployIntents, type IntentsFixture } from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.revoke", () => {
  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  it("should use up the caller's nonce, and nobody else's", async () => {
    const { intents, relayer, stranger } = fixture;
    const transaction = await intents.connect(stranger).revoke(300n);

    expect(eventsOf(await transaction.wait(), intents)).toMatchObject([
      { name: "NonceRevoked", args: [stranger.address, 300n] },
    ]);
    expect(await intents.isNonceUsed(stranger, 300n)).toBe(true);
    expect(await intents.isNonceUsed(stranger, 301n)).toBe(false);
    expect(await intents.isNonceUsed(stranger, 300n - 256n)).toBe(false);
    expect(await intents.isNonceUsed(relayer, 300n)).toBe(false);
  });

  it("should refuse a used nonce", async () => {
    const { intents, stranger } = fixture;
    await intents.connect(stranger).revoke(5n);

    await expectRevert(intents.connect(stranger).revoke(5n), intents, "IntentsNonceUsed", [stranger.address, 5n]);
  });
});
