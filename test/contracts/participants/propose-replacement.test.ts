import { ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { parts, firms, access } = ledger;
const participants = ledger.participants.connect(parts.compliance1);
const [lost, other, fresh, fresher] = firms.map(({ address }) => address) as [string, string, string, string];
await ledger.admit("0100109106", lost);
await ledger.admit("0100109107", other);
await ledger.checkpoint();

describe("Participants.proposeReplacement", () => {
  beforeEach(ledger.reset);

  it("records who proposed what, and changes nothing yet", async () => {
    await expectEvents(participants.proposeReplacement(lost, fresh), participants, "AccountReplacementProposed", [
      [1, lost, fresh, parts.compliance1.address],
    ]);
    expect(await participants.isActive(lost)).toBe(true);
    expect(await participants.accountStatus(fresh)).toBe(0n);
  });

  it("overwrites an earlier proposal", async () => {
    await participants.proposeReplacement(lost, fresh);
    await participants.proposeReplacement(lost, fresher);
    const approval = participants.connect(parts.compliance2).approveReplacement(lost, fresh);
    await expectRevert(approval, participants, "ParticipantsReplacementMismatch", [lost, fresher, fresh]);
  });

  it("refuses a lost account that is not active", async () => {
    await expectRevert(participants.proposeReplacement(fresh, fresher), participants, "ParticipantsAccountUnknown", [
      0,
      fresh,
    ]);
    await ledger.participants.removeAccount(1, lost);
    await expectRevert(participants.proposeReplacement(lost, fresh), participants, "ParticipantsAccountUnknown", [
      1,
      lost,
    ]);
  });

  it("refuses a new account that is known, or none", async () => {
    await expectRevert(participants.proposeReplacement(lost, other), participants, "ParticipantsAccountTaken", [
      other,
      2,
    ]);
    await expectRevert(participants.proposeReplacement(lost, lost), participants, "ParticipantsAccountTaken", [
      lost,
      1,
    ]);
    const toNobody = participants.proposeReplacement(lost, ZeroAddress);
    await expectRevert(toNobody, participants, "ParticipantsAccountInvalid", [ZeroAddress]);
  });

  it("refuses a caller who is no compliance officer", async () => {
    const act = ledger.participants.proposeReplacement(lost, fresh);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.registrar1.address]);
  });

  it("refuses a call through the access manager, which would hide the officer", async () => {
    const data = participants.interface.encodeFunctionData("proposeReplacement", [lost, fresh]);
    const act = access.connect(parts.compliance1).execute(participants, data);
    await expectRevert(act, participants, "ParticipantsCallerHidden", [await access.getAddress()]);
  });
});
