import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { parts, firms, access } = ledger;
const proposer = ledger.participants.connect(parts.compliance1);
const participants = ledger.participants.connect(parts.compliance2);
const [lost, fresh, fresher] = firms.map(({ address }) => address) as [string, string, string];
await ledger.admit("0100109106", lost);
await proposer.proposeReplacement(lost, fresh);
await ledger.checkpoint();

describe("Participants.approveReplacement", () => {
  beforeEach(ledger.reset);

  it("replaces the account when another officer approves what was proposed", async () => {
    await expectEvents(participants.approveReplacement(lost, fresh), participants, "AccountReplaced", [
      [1, lost, fresh, parts.compliance1.address, parts.compliance2.address],
    ]);
    expect(await participants.accountStatus(lost)).toBe(3n);
    expect(await participants.successorOf(lost)).toBe(fresh);
    expect(await participants.participantOf(fresh)).toBe(1n);
    expect([...(await participants.areActive(lost, fresh))]).toEqual([false, true]);
    expect((await participants.participant(1)).accountCount).toBe(1n);
  });

  it("is final: the lost account never comes back", async () => {
    await participants.approveReplacement(lost, fresh);
    await expectRevert(ledger.participants.addAccount(1, lost), participants, "ParticipantsAccountTaken", [lost, 1]);
    await expectRevert(participants.proposeReplacement(fresh, lost), participants, "ParticipantsAccountTaken", [
      lost,
      1,
    ]);
    await expectRevert(participants.approveReplacement(lost, fresh), participants, "ParticipantsReplacementUnknown", [
      lost,
    ]);
  });

  it("refuses the officer who proposed", async () => {
    const act = proposer.approveReplacement(lost, fresh);
    await expectRevert(act, participants, "ParticipantsSameOfficer", [parts.compliance1.address]);
  });

  it("refuses the officer who proposed also through the access manager", async () => {
    const data = participants.interface.encodeFunctionData("approveReplacement", [lost, fresh]);
    const act = access.connect(parts.compliance1).execute(participants, data);
    await expectRevert(act, participants, "ParticipantsCallerHidden", [await access.getAddress()]);
  });

  it("refuses another account than proposed, and where nothing is proposed", async () => {
    const other = participants.approveReplacement(lost, fresher);
    await expectRevert(other, participants, "ParticipantsReplacementMismatch", [lost, fresh, fresher]);
    await expectRevert(
      participants.approveReplacement(fresh, fresher),
      participants,
      "ParticipantsReplacementUnknown",
      [fresh],
    );
  });

  describe("given that something changed since the proposal", () => {
    it("refuses a new account that was admitted elsewhere", async () => {
      await ledger.admit("0100109107", fresh);
      await expectRevert(participants.approveReplacement(lost, fresh), participants, "ParticipantsAccountTaken", [
        fresh,
        2,
      ]);
    });

    it("refuses a lost account that was removed", async () => {
      await ledger.participants.removeAccount(1, lost);
      await expectRevert(participants.approveReplacement(lost, fresh), participants, "ParticipantsAccountUnknown", [
        1,
        lost,
      ]);
    });

    it("refuses a participant that was suspended or closed", async () => {
      await proposer.suspend(1, id("decision"));
      await expectRevert(
        participants.approveReplacement(lost, fresh),
        participants,
        "ParticipantsStatusInvalid",
        [1, 2],
      );
      await ledger.participants.close(1);
      await expectRevert(
        participants.approveReplacement(lost, fresh),
        participants,
        "ParticipantsStatusInvalid",
        [1, 3],
      );
    });
  });

  it("refuses a caller who is no compliance officer", async () => {
    const act = ledger.participants.approveReplacement(lost, fresh);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.registrar1.address]);
  });
});
