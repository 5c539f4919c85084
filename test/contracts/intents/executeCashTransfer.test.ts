import { beforeAll, describe, expect, it } from "vitest";

import { signIntent, type CashTransferIntent } from "../../../src/chain/intents.js";
import { describeAuthorisation } from "../../support/intent-authorisation.js";
import { deployIntents, REFUSED_TONNES, sampleIntent, type IntentsFixture } from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.executeCashTransfer", () => {
  describeAuthorisation("cash-transfer");

  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  const execute = async (intent: CashTransferIntent) =>
    fixture.intents.executeCashTransfer(
      intent,
      await signIntent(fixture.holder, "cash-transfer", intent, fixture.domain),
    );

  it("should pass on the transfer that was signed", async () => {
    const intent = sampleIntent(fixture, "cash-transfer");
    const transaction = await execute(intent);

    const [asked] = eventsOf(await transaction.wait(), fixture.cash);
    expect(asked?.name).toBe("TransferForCalled");
    expect(asked?.args).toEqual([fixture.intents.target, intent.account, intent.to, intent.amount]);
  });

  it("should revert as SettlementCash does, and leave the nonce unused", async () => {
    const intent = { ...sampleIntent(fixture, "cash-transfer"), amount: REFUSED_TONNES };

    await expectRevert(execute(intent), fixture.cash, "SettlementCashMockRefused", [REFUSED_TONNES]);
    expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
  });
});
