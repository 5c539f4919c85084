import { beforeAll, describe, expect, it } from "vitest";

import { signIntent, type RedemptionIntent } from "../../../src/chain/intents.js";
import { describeAuthorisation } from "../../support/intent-authorisation.js";
import { deployIntents, REFUSED_TONNES, sampleIntent, type IntentsFixture } from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.executeRedemption", () => {
  describeAuthorisation("redemption");

  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  const execute = async (intent: RedemptionIntent) =>
    fixture.intents.executeRedemption(intent, await signIntent(fixture.holder, "redemption", intent, fixture.domain));

  it("should pass on the request that was signed", async () => {
    const intent = sampleIntent(fixture, "redemption");
    const transaction = await execute(intent);

    const [asked] = eventsOf(await transaction.wait(), fixture.cash);
    expect(asked?.name).toBe("RedemptionCalled");
    expect(asked?.args).toEqual([fixture.intents.target, intent.account, intent.amount, intent.payoutHash]);
  });

  it("should return the number of the redemption", async () => {
    const intent = sampleIntent(fixture, "redemption");
    const signature = await signIntent(fixture.holder, "redemption", intent, fixture.domain);
    expect(await fixture.intents.executeRedemption.staticCall(intent, signature)).toBe(11n);
  });

  it("should revert as SettlementCash does, and leave the nonce unused", async () => {
    const intent = { ...sampleIntent(fixture, "redemption"), amount: REFUSED_TONNES };

    await expectRevert(execute(intent), fixture.cash, "SettlementCashMockRefused", [REFUSED_TONNES]);
    expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
  });
});
