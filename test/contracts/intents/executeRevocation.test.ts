import { beforeAll, describe, expect, it } from "vitest";

import { signIntent, type RevocationIntent } from "../../../src/chain/intents.js";
import { describeAuthorisation } from "../../support/intent-authorisation.js";
import { deployIntents, sampleIntent, type IntentsFixture } from "../../support/intents.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

describe("Intents.executeRevocation", () => {
  describeAuthorisation("revocation");

  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  const execute = async (intent: RevocationIntent) =>
    fixture.intents.executeRevocation(intent, await signIntent(fixture.holder, "revocation", intent, fixture.domain));

  it("should use up both nonces and say which one is void", async () => {
    const intent = { ...sampleIntent(fixture, "revocation"), revokedNonce: 1_000_000n };
    const transaction = await execute(intent);

    const events = eventsOf(await transaction.wait(), fixture.intents);
    expect(events.map(({ name }) => name)).toEqual(["NonceRevoked", "IntentExecuted"]);
    expect(events[0]?.args).toEqual([intent.account, 1_000_000n]);
    expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(true);
    expect(await fixture.intents.isNonceUsed(intent.account, 1_000_000n)).toBe(true);
  });

  it("should refuse to revoke what was executed", async () => {
    const transfer = sampleIntent(fixture, "transfer");
    const signature = await signIntent(fixture.holder, "transfer", transfer, fixture.domain);
    await fixture.intents.executeTransfer(transfer, signature);

    const intent = { ...sampleIntent(fixture, "revocation"), revokedNonce: transfer.nonce };
    await expectRevert(execute(intent), fixture.intents, "IntentsNonceUsed", [intent.account, transfer.nonce]);
    expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(false);
  });

  it("should refuse to revoke itself", async () => {
    const sample = sampleIntent(fixture, "revocation");
    const intent = { ...sample, revokedNonce: sample.nonce };
    await expectRevert(execute(intent), fixture.intents, "IntentsNonceUsed", [intent.account, intent.nonce]);
  });
});
