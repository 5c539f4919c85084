import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { CAPABILITIES, deployTestLedger, KYC_EXPIRES_AT } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, parts, firms } = ledger;
await ledger.admit("0100109106", firms[0]!);
await ledger.checkpoint();
const LATER = KYC_EXPIRES_AT + 1;
const DOCUMENT = id("another document");

describe("Participants.update", () => {
  beforeEach(ledger.reset);

  it("renews due diligence, capabilities and the document, and says so", async () => {
    const sent = participants.update(1, CAPABILITIES.TRADE_CREDITS, LATER, DOCUMENT);
    await expectEvents(sent, participants, "ParticipantUpdated", [[1, CAPABILITIES.TRADE_CREDITS, LATER, DOCUMENT]]);

    const record = await participants.participant(1);
    expect([record.capabilities, record.kycExpiresAt, record.documentHash]).toEqual([2n, BigInt(LATER), DOCUMENT]);
    expect([record.taxCode, record.status, record.accountCount]).toEqual([1_001_091_060_000n, 1n, 1n]);
  });

  it("makes a participant active again whose due diligence had lapsed", async () => {
    await participants.update(1, 0, (await ledger.now()) + 100, DOCUMENT);
    await ledger.increaseTime(200);
    expect(await participants.isActive(firms[0]!)).toBe(false);
    await participants.update(1, 0, LATER, DOCUMENT);
    expect(await participants.isActive(firms[0]!)).toBe(true);
  });

  it("works while suspended, and does not reinstate", async () => {
    await participants.connect(parts.compliance1).suspend(1, DOCUMENT);
    await participants.update(1, 0, LATER, DOCUMENT);
    expect((await participants.participant(1)).status).toBe(2n);
  });

  it("refuses an unknown or closed participant", async () => {
    await expectRevert(participants.update(2, 0, LATER, DOCUMENT), participants, "ParticipantsUnknown", [2]);
    await participants.close(1);
    await expectRevert(participants.update(1, 0, LATER, DOCUMENT), participants, "ParticipantsStatusInvalid", [1, 3]);
  });

  it("refuses unknown capabilities and lapsed due diligence", async () => {
    const now = await ledger.now();
    await expectRevert(
      participants.update(1, 32, LATER, DOCUMENT),
      participants,
      "ParticipantsCapabilitiesUnknown",
      [32],
    );
    await expectRevert(participants.update(1, 0, now, DOCUMENT), participants, "ParticipantsKycExpired", [now]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = participants.connect(firms[0]).update(1, 0, LATER, DOCUMENT);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [firms[0]!.address]);
  });
});
