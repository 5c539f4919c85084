import { beforeEach, describe, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { parts, firms } = ledger;
const participants = ledger.participants.connect(parts.compliance1);
const [lost, fresh] = firms.map(({ address }) => address) as [string, string];
await ledger.admit("0100109106", lost);
await participants.proposeReplacement(lost, fresh);
await ledger.checkpoint();

describe("Participants.withdrawReplacement", () => {
  beforeEach(ledger.reset);

  it("makes the proposal void", async () => {
    await expectEvents(participants.withdrawReplacement(lost), participants, "AccountReplacementWithdrawn", [
      [1, lost],
    ]);
    const approval = participants.connect(parts.compliance2).approveReplacement(lost, fresh);
    await expectRevert(approval, participants, "ParticipantsReplacementUnknown", [lost]);
  });

  it("refuses where nothing is proposed", async () => {
    await expectRevert(participants.withdrawReplacement(fresh), participants, "ParticipantsReplacementUnknown", [
      fresh,
    ]);
    await participants.withdrawReplacement(lost);
    await expectRevert(participants.withdrawReplacement(lost), participants, "ParticipantsReplacementUnknown", [lost]);
  });

  it("refuses a caller who is no compliance officer", async () => {
    const act = ledger.participants.withdrawReplacement(lost);
    await expectRevert(act, participants, "AccessManagedUnauthorized", [parts.registrar1.address]);
  });
});
