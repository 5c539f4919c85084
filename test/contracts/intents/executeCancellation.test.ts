import { AbiCoder } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import { encodeIntentPayload } from "../../../src/chain/intent-payload.js";
import { signIntent } from "../../../src/chain/intents.js";
import { describeAuthorisation } from "../../support/intent-authorisation.js";
import { deployIntents, REFUSED_TONNES, sampleIntent, type IntentsFixture } from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.executeCancellation", () => {
  describeAuthorisation("cancellation");

  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  it("should pass on the order that was signed, and return the number of the cancellation", async () => {
    const { intents, retirements, holder, domain } = fixture;
    const intent = sampleIntent(fixture, "cancellation");
    const signature = await signIntent(holder, "cancellation", intent, domain);
    expect(await intents.executeCancellation.staticCall(intent, signature)).toBe(9n);

    const transaction = await intents.executeCancellation(intent, signature);
    const [asked] = eventsOf(await transaction.wait(), retirements);

    expect(asked?.name).toBe("CancelCalled");
    expect(asked?.named.account).toBe(holder.address);
    const words = encodeIntentPayload("cancellation", intent).slice(2 + 5 * 64);
    expect(String(asked?.named.order)).toBe(AbiCoder.defaultAbiCoder().encode(["uint256"], [32]) + words);
  });

  it("should revert as Retirements does, and leave the nonce unused", async () => {
    const { intents, retirements, holder, domain } = fixture;
    const sample = sampleIntent(fixture, "cancellation");
    const intent = { ...sample, order: { ...sample.order, tonnes: REFUSED_TONNES } };
    const attempt = intents.executeCancellation(intent, await signIntent(holder, "cancellation", intent, domain));

    await expectRevert(attempt, retirements, "RetirementsMockRefused", [REFUSED_TONNES]);
    expect(await intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
  });
});
