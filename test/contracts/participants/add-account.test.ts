import { Wallet, ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, parts, firms } = ledger;
const [first, second, third] = firms.map(({ address }) => address) as [string, string, string];
await ledger.admit("0100109106", first);
await ledger.admit("0100109107", second);
await ledger.checkpoint();

describe("Participants.addAccount", () => {
  beforeEach(ledger.reset);

  it("adds an account that may act, and says so", async () => {
    await expectEvents(participants.addAccount(1, third), participants, "AccountAdded", [[1, third]]);
    expect(await participants.participantOf(third)).toBe(1n);
    expect(await participants.isActive(third)).toBe(true);
    expect((await participants.participant(1)).accountCount).toBe(2n);
  });

  it("refuses an account of another participant, or its own once more", async () => {
    await expectRevert(participants.addAccount(1, second), participants, "ParticipantsAccountTaken", [second, 2]);
    await expectRevert(participants.addAccount(1, first), participants, "ParticipantsAccountTaken", [first, 1]);
  });

  it("refuses an account that was removed, also to the participant that had it", async () => {
    await participants.addAccount(1, third);
    await participants.removeAccount(1, third);
    await expectRevert(participants.addAccount(1, third), participants, "ParticipantsAccountTaken", [third, 1]);
    await expectRevert(participants.addAccount(2, third), participants, "ParticipantsAccountTaken", [third, 1]);
  });

  it("refuses no account and an unknown participant", async () => {
    await expectRevert(participants.addAccount(1, ZeroAddress), participants, "ParticipantsAccountInvalid", [
      ZeroAddress,
    ]);
    await expectRevert(participants.addAccount(9, third), participants, "ParticipantsUnknown", [9]);
  });

  it("refuses the 65th account, until one is removed", async () => {
    expect(await participants.MAX_ACCOUNTS()).toBe(64n);
    for (let count = 1; count < 64; count++) await participants.addAccount(1, Wallet.createRandom());
    await expectRevert(participants.addAccount(1, third), participants, "ParticipantsTooManyAccounts", [1, 64]);
    await participants.removeAccount(1, first);
    await participants.addAccount(1, third);
    expect((await participants.participant(1)).accountCount).toBe(64n);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = participants.connect(parts.compliance1).addAccount(1, third);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.compliance1.address]);
  });
});
