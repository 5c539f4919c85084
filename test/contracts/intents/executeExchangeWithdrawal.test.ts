import { beforeAll, describe, expect, it } from "vitest";

import { signIntent, type ExchangeWithdrawalIntent } from "../../../src/chain/intents.js";
import { describeAuthorisation } from "../../support/intent-authorisation.js";
import { deployIntents, REFUSED_TONNES, sampleIntent, type IntentsFixture } from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.executeExchangeWithdrawal", () => {
  describeAuthorisation("exchange-withdrawal");

  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  const execute = async (intent: ExchangeWithdrawalIntent) =>
    fixture.intents.executeExchangeWithdrawal(
      intent,
      await signIntent(fixture.holder, "exchange-withdrawal", intent, fixture.domain),
    );

  it("should pass on the withdrawal of units that was signed", async () => {
    const intent = sampleIntent(fixture, "exchange-withdrawal");
    const transaction = await execute(intent);

    const [asked] = eventsOf(await transaction.wait(), fixture.exchange);
    expect(asked?.name).toBe("WithdrawalCalled");
    expect(asked?.args).toEqual([fixture.intents.target, intent.account, intent.batchId, intent.amount]);
  });

  it("should ask for cash where the batch is zero", async () => {
    const intent = { ...sampleIntent(fixture, "exchange-withdrawal"), batchId: 0n, amount: (1n << 128n) - 1n };
    const transaction = await execute(intent);

    const [asked] = eventsOf(await transaction.wait(), fixture.exchange);
    expect(asked?.name).toBe("CashWithdrawalCalled");
    expect(asked?.args).toEqual([fixture.intents.target, intent.account, intent.amount]);
  });

  it("should refuse more tonnes than there can be, rather than cut them", async () => {
    const sample = sampleIntent(fixture, "exchange-withdrawal");
    await execute({ ...sample, amount: (1n << 64n) - 1n });

    const tooMany = { ...sampleIntent(fixture, "exchange-withdrawal"), amount: (1n << 64n) + 5n };
    await expectRevert(execute(tooMany), fixture.intents, "IntentsTonnesInvalid", [tooMany.amount]);
    expect(await fixture.intents.isNonceUsed(tooMany.account, tooMany.nonce)).toBe(false);
  });

  it("should revert as Exchange does, and leave the nonce unused", async () => {
    const intent = { ...sampleIntent(fixture, "exchange-withdrawal"), amount: REFUSED_TONNES };

    await expectRevert(execute(intent), fixture.exchange, "ExchangeMockRefused", [REFUSED_TONNES]);
    expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
  });
});
