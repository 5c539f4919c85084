import { beforeAll, describe, expect, it } from "vitest";

import { signIntent } from "../../../src/chain/intents.js";
import { describeAuthorisation } from "../../support/intent-authorisation.js";
import {
  BATCH_ID,
  deployIntents,
  deployWallet,
  MANNER,
  REFUSED_TONNES,
  sampleIntent,
  type IntentsFixture,
} from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.executeTransfer", () => {
  describeAuthorisation("transfer");

  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  it("should ask Units for exactly what was signed", async () => {
    const { intents, units, holder, domain, stranger } = fixture;
    const intent = sampleIntent(fixture, "transfer");
    const transaction = await intents.executeTransfer(intent, await signIntent(holder, "transfer", intent, domain));

    const [asked] = eventsOf(await transaction.wait(), units);
    const blocks = [
      [1n, 3n],
      [7n, 8n],
    ];
    expect(asked?.args).toEqual([intents.target, holder.address, stranger.address, BATCH_ID, 5n, blocks]);
  });

  it("should revert as Units does, and leave the nonce unused", async () => {
    const { intents, units, holder, domain } = fixture;
    const intent = { ...sampleIntent(fixture, "transfer"), tonnes: REFUSED_TONNES };
    const signature = await signIntent(holder, "transfer", intent, domain);

    await expectRevert(intents.executeTransfer(intent, signature), units, "UnitsMockRefused", [REFUSED_TONNES]);
    expect(await intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
  });

  it("should not let the receiver execute the intent again from within", async () => {
    const { intents, holder, domain } = fixture;
    const receiver = await deployWallet(fixture);
    const intent = { ...sampleIntent(fixture, "transfer"), to: await receiver.getAddress() };
    const signature = await signIntent(holder, "transfer", intent, domain);
    await receiver.setManners(MANNER.proper, MANNER.calling);
    await receiver.setCall(intents, intents.interface.encodeFunctionData("executeTransfer", [intent, signature]));

    await intents.executeTransfer(intent, signature);

    expect(await receiver.succeeded()).toBe(false);
    expect(intents.interface.parseError(await receiver.answer())?.name).toBe("IntentsNonceUsed");
  });
});
