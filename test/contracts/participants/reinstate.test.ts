import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { parts, firms } = ledger;
const participants = ledger.participants.connect(parts.compliance1);
await ledger.admit("0100109106", firms[0]!);
await participants.suspend(1, id("decision"));
await ledger.checkpoint();

describe("Participants.reinstate", () => {
  beforeEach(ledger.reset);

  it("lets a suspended participant act again", async () => {
    await expectEvents(participants.reinstate(1), participants, "ParticipantReinstated", [[1]]);
    expect((await participants.participant(1)).status).toBe(1n);
    expect(await participants.isActive(firms[0]!)).toBe(true);
  });

  it("does not renew due diligence that lapsed meanwhile", async () => {
    await ledger.participants.update(1, 0, (await ledger.now()) + 100, id("document"));
    await ledger.increaseTime(200);
    await participants.reinstate(1);
    expect(await participants.isActive(firms[0]!)).toBe(false);
  });

  it("refuses unless the participant is suspended", async () => {
    await expectRevert(participants.reinstate(2), participants, "ParticipantsUnknown", [2]);
    await participants.reinstate(1);
    await expectRevert(participants.reinstate(1), participants, "ParticipantsStatusInvalid", [1, 1]);
    await ledger.participants.close(1);
    await expectRevert(participants.reinstate(1), participants, "ParticipantsStatusInvalid", [1, 3]);
  });

  it("refuses a caller who is no compliance officer", async () => {
    const act = ledger.participants.reinstate(1);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.registrar1.address]);
  });
});
