import { beforeAll, describe, expect, it } from "vitest";

import { signIntent, type OrderCancellationIntent } from "../../../src/chain/intents.js";
import { describeAuthorisation } from "../../support/intent-authorisation.js";
import { deployIntents, REFUSED_TONNES, sampleIntent, type IntentsFixture } from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.executeOrderCancellation", () => {
  describeAuthorisation("order-cancellation");

  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  const execute = async (intent: OrderCancellationIntent) =>
    fixture.intents.executeOrderCancellation(
      intent,
      await signIntent(fixture.holder, "order-cancellation", intent, fixture.domain),
    );

  it("should pass on the cancellation that was signed", async () => {
    const intent = sampleIntent(fixture, "order-cancellation");
    const transaction = await execute(intent);

    const [asked] = eventsOf(await transaction.wait(), fixture.exchange);
    expect(asked?.name).toBe("CancelOrderCalled");
    expect(asked?.args).toEqual([fixture.intents.target, intent.account, intent.batchId, intent.orderNonce]);
  });

  it("should revert as Exchange does, and leave the nonce unused", async () => {
    const intent = { ...sampleIntent(fixture, "order-cancellation"), orderNonce: REFUSED_TONNES };

    await expectRevert(execute(intent), fixture.exchange, "ExchangeMockRefused", [REFUSED_TONNES]);
    expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
  });
});
