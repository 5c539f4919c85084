import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger, KYC_EXPIRES_AT } from "../../support/ledger.js";

const ledger = await deployTestLedger();
const { participants, parts, firms } = ledger;
const [first, second, third] = firms.map(({ address }) => address) as [string, string, string];
const officer = participants.connect(parts.compliance1);
const another = participants.connect(parts.compliance2);
await ledger.admit(null, first);
await participants.addAccount(1, second);
await ledger.checkpoint();
const REASON = id("reason");

/** By how much the acts together raise the version. */
async function raised(...acts: (() => Promise<unknown>)[]): Promise<bigint> {
  const before = await participants.standingVersion();
  for (const act of acts) await act();
  return (await participants.standingVersion()) - before;
}

describe("Participants.standingVersion", () => {
  beforeEach(ledger.reset);

  describe("given what can take a right away", () => {
    it("should move on with an update, also one that only renews", async () => {
      expect(await raised(() => participants.update(1, 0, KYC_EXPIRES_AT, REASON))).toBe(1n);
      expect(await raised(() => participants.update(1, 15, KYC_EXPIRES_AT, REASON))).toBe(1n);
    });

    it("should move on with a suspension and a closing", async () => {
      expect(await raised(() => officer.suspend(1, REASON))).toBe(1n);
      expect(await raised(() => participants.close(1))).toBe(1n);
    });

    it("should move on with an account that is removed, or replaced", async () => {
      expect(await raised(() => participants.removeAccount(1, second))).toBe(1n);
      await officer.proposeReplacement(first, third);
      expect(await raised(() => another.approveReplacement(first, third))).toBe(1n);
    });
  });

  it("should stand still with what takes no right away", async () => {
    const acts = [
      () => ledger.admit(null, third),
      () => participants.addAccount(1, firms[3]!),
      () => officer.proposeReplacement(first, firms[4]!),
      () => officer.withdrawReplacement(first),
    ];
    expect(await raised(...acts)).toBe(0n);

    await officer.suspend(1, REASON);
    expect(await raised(() => officer.reinstate(1))).toBe(0n);
  });

  it("should stand still with an act that is refused", async () => {
    expect(await raised(() => participants.close(9).catch(() => undefined))).toBe(0n);
    expect(
      await raised(() =>
        participants
          .connect(firms[0])
          .close(1)
          .catch(() => undefined),
      ),
    ).toBe(0n);
  });
});
