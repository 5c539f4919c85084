import { id, ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { CAPABILITIES, deployTestLedger, KYC_EXPIRES_AT } from "../../support/ledger.js";
import { eventsOf, expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, access, parts, firms } = ledger;
const [first, second] = firms.map(({ address }) => address) as [string, string];
const DOCUMENT = id("document");
const admit = (
  taxCode: string,
  account: string,
  capabilities = CAPABILITIES.ALL,
  kyc: number | bigint = KYC_EXPIRES_AT,
) => participants.admit(taxCode, capabilities, kyc, DOCUMENT, account);

describe("Participants.admit", () => {
  beforeEach(ledger.reset);

  describe("given a registrar and a new legal entity", () => {
    it("admits it as number 1, active, with its first account", async () => {
      await admit("0100109106", first, CAPABILITIES.TRADE_CREDITS);

      const record = await participants.participant(1);
      expect([...record]).toEqual([1_001_091_060_000n, 1n, 2n, BigInt(KYC_EXPIRES_AT), 1n, DOCUMENT]);
      expect(await participants.participantOf(first)).toBe(1n);
      expect(await participants.accountStatus(first)).toBe(1n);
      expect(await participants.isActive(first)).toBe(true);
      expect(await participants.participantCount()).toBe(1n);
    });

    it("says so", async () => {
      const sent = admit("0100109106-001", first);
      await expectEvents(sent, participants, "ParticipantAdmitted", [
        [1, "0100109106-001", CAPABILITIES.ALL, KYC_EXPIRES_AT, DOCUMENT],
      ]);
      await expectEvents(sent, participants, "AccountAdded", [[1, first]]);
      expect(await eventsOf(sent, participants)).toHaveLength(2);
    });

    it("takes a head office and its branches for different entities", async () => {
      await admit("0100109106", first);
      await admit("0100109106-000", second);
      expect(await participants.participantCount()).toBe(2n);
    });
  });

  it("refuses a tax code that has a participant, even a closed one", async () => {
    await admit("0100109106", first);
    await participants.close(1);
    await expectRevert(admit("0100109106", second), participants, "ParticipantsTaxCodeTaken", ["0100109106", 1]);
  });

  it("refuses a malformed tax code", async () => {
    await expectRevert(admit("0100-09106", first), participants, "ParticipantsTaxCodeInvalid", ["0100-09106"]);
  });

  it("refuses unknown capabilities", async () => {
    await expectRevert(admit("0100109106", first, 16), participants, "ParticipantsCapabilitiesUnknown", [16]);
  });

  it("refuses due diligence that has lapsed or lapses now", async () => {
    const now = await ledger.now();
    await expectRevert(admit("0100109106", first, 0, now), participants, "ParticipantsKycExpired", [now]);
    await expectRevert(admit("0100109106", first, 0, 0), participants, "ParticipantsKycExpired", [0]);
  });

  it("refuses no account, and an account that was ever known", async () => {
    await expectRevert(admit("0100109106", ZeroAddress), participants, "ParticipantsAccountInvalid", [ZeroAddress]);
    await admit("0100109106", first);
    await participants.removeAccount(1, first);
    await expectRevert(admit("0100109107", first), participants, "ParticipantsAccountTaken", [first, 1]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = participants.connect(parts.compliance1).admit("0100109106", 0, KYC_EXPIRES_AT, DOCUMENT, first);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.compliance1.address]);
    expect(await participants.authority()).toBe(await access.getAddress());
  });
});
