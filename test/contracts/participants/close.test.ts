import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger, KYC_EXPIRES_AT } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, parts, firms } = ledger;
const officer = participants.connect(parts.compliance1);
await ledger.admit("0100109106", firms[0]!);
await ledger.checkpoint();

describe("Participants.close", () => {
  beforeEach(ledger.reset);

  it("ends the participation of an active participant", async () => {
    await expectEvents(participants.close(1), participants, "ParticipantClosed", [[1]]);
    expect((await participants.participant(1)).status).toBe(3n);
    expect(await participants.isActive(firms[0]!)).toBe(false);
  });

  it("ends the participation of a suspended participant", async () => {
    await officer.suspend(1, id("decision"));
    await participants.close(1);
    expect((await participants.participant(1)).status).toBe(3n);
  });

  it("is final: nothing can be done with the participant or its accounts any more", async () => {
    await participants.close(1);
    for (const act of [
      () => participants.close(1),
      () => participants.update(1, 0, KYC_EXPIRES_AT, id("document")),
      () => participants.addAccount(1, firms[1]!),
      () => participants.removeAccount(1, firms[0]!),
      () => officer.suspend(1, id("decision")),
      () => officer.reinstate(1),
      () => officer.proposeReplacement(firms[0]!, firms[1]!),
    ]) {
      await expectRevert(act(), participants, "ParticipantsStatusInvalid", [1, 3]);
    }
  });

  it("refuses an unknown participant", async () => {
    await expectRevert(participants.close(2), participants, "ParticipantsUnknown", [2]);
  });

  it("refuses a caller who is no registrar", async () => {
    await expectRevert(officer.close(1), participants, "AccessManagedUnauthorized", [parts.compliance1.address]);
  });
});
