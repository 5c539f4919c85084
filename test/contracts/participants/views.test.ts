import { ZeroAddress } from "ethers";
import { describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, firms } = ledger;
const [account, stranger] = firms.map(({ address }) => address) as [string, string];
await ledger.admit("0100109106-007", account);

describe("Participants, read", () => {
  it("participant refuses an unknown number", async () => {
    await expectRevert(participants.participant(0), participants, "ParticipantsUnknown", [0]);
    await expectRevert(participants.participant(2), participants, "ParticipantsUnknown", [2]);
  });

  it("participantByTaxCode finds the number, zero when there is none, and refuses what is no tax code", async () => {
    expect(await participants.participantByTaxCode("0100109106-007")).toBe(1n);
    expect(await participants.participantByTaxCode("0100109106")).toBe(0n);
    await expectRevert(participants.participantByTaxCode("007"), participants, "ParticipantsTaxCodeInvalid", ["007"]);
  });

  it("know nothing of an account that was never added", async () => {
    expect(await participants.participantOf(stranger)).toBe(0n);
    expect(await participants.accountStatus(stranger)).toBe(0n);
    expect(await participants.successorOf(stranger)).toBe(ZeroAddress);
    expect(await participants.successorOf(account)).toBe(ZeroAddress);
  });
});
