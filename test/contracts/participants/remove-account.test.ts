import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, parts, firms } = ledger;
const [first, second, third] = firms.map(({ address }) => address) as [string, string, string];
await ledger.admit("0100109106", first);
await ledger.admit("0100109107", second);
await ledger.checkpoint();

describe("Participants.removeAccount", () => {
  beforeEach(ledger.reset);

  it("ends what the account may do, and remembers whose it was", async () => {
    await expectEvents(participants.removeAccount(1, first), participants, "AccountRemoved", [[1, first]]);
    expect(await participants.accountStatus(first)).toBe(2n);
    expect(await participants.isActive(first)).toBe(false);
    expect(await participants.participantOf(first)).toBe(1n);
    expect((await participants.participant(1)).accountCount).toBe(0n);
  });

  it("works while the participant is suspended", async () => {
    await participants.connect(parts.compliance1).suspend(1, id("decision"));
    await participants.removeAccount(1, first);
    expect(await participants.accountStatus(first)).toBe(2n);
  });

  it("refuses an account that is not an active one of this participant", async () => {
    await expectRevert(participants.removeAccount(1, second), participants, "ParticipantsAccountUnknown", [1, second]);
    await expectRevert(participants.removeAccount(1, third), participants, "ParticipantsAccountUnknown", [1, third]);
    await participants.removeAccount(1, first);
    await expectRevert(participants.removeAccount(1, first), participants, "ParticipantsAccountUnknown", [1, first]);
  });

  it("refuses an unknown participant", async () => {
    await expectRevert(participants.removeAccount(9, first), participants, "ParticipantsUnknown", [9]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = participants.connect(parts.guardian).removeAccount(1, first);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.guardian.address]);
  });
});
