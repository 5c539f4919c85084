import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { parts, firms } = ledger;
const participants = ledger.participants.connect(parts.compliance1);
const REASON = id("decision");
await ledger.admit("0100109106", firms[0]!);
await ledger.checkpoint();

describe("Participants.suspend", () => {
  beforeEach(ledger.reset);

  it("stops the participant, and says why", async () => {
    await expectEvents(participants.suspend(1, REASON), participants, "ParticipantSuspended", [[1, REASON]]);
    expect((await participants.participant(1)).status).toBe(2n);
    expect(await participants.isActive(firms[0]!)).toBe(false);
    expect(await participants.isCapable(firms[0]!, 0)).toBe(false);
    expect([...(await participants.areActive(firms[0]!, firms[0]!))]).toEqual([false, false]);
  });

  it("leaves its accounts as they are, and lets none be added or replaced", async () => {
    await participants.suspend(1, REASON);
    expect(await participants.accountStatus(firms[0]!)).toBe(1n);
    await expectRevert(ledger.participants.addAccount(1, firms[1]!), participants, "ParticipantsStatusInvalid", [1, 2]);
    const proposal = participants.proposeReplacement(firms[0]!, firms[1]!);
    await expectRevert(proposal, participants, "ParticipantsStatusInvalid", [1, 2]);
  });

  it("refuses unless the participant is active", async () => {
    await expectRevert(participants.suspend(2, REASON), participants, "ParticipantsUnknown", [2]);
    await participants.suspend(1, REASON);
    await expectRevert(participants.suspend(1, REASON), participants, "ParticipantsStatusInvalid", [1, 2]);
    await ledger.participants.close(1);
    await expectRevert(participants.suspend(1, REASON), participants, "ParticipantsStatusInvalid", [1, 3]);
  });

  it("refuses a caller who is no compliance officer", async () => {
    const act = ledger.participants.suspend(1, REASON);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.registrar1.address]);
  });
});
