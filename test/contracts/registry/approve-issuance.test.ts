import { ZeroAddress, ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { batchIdOf, encodeCode } from "../../../src/chain/codes.js";
import { deployTestLedger, type TestIssuance } from "../../support/ledger.js";
import { eventsOf, expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, units, access, parts, firms } = ledger;
const proposer = ledger.registry;
const registry = ledger.registry.connect(parts.registrar2);
const [owner, keeper] = firms.map(({ address }) => address) as [string, string];
const ownerId = await ledger.admit("0100109106", owner);
await ledger.admit("0100109107", keeper);
await ledger.registerProject("VCS-1", ownerId);
await ledger.registerProject("VCS-2", ownerId, 1_234);
const statementId = await ledger.recordStatement(ledger.statementOf("VCS-1"));
const bufferedId = await ledger.recordStatement(ledger.statementOf("VCS-2"));
await registry.connect(parts.admin).setBufferAccount(keeper);
await ledger.checkpoint();

const BATCH = batchIdOf("BATCH");
const VCS = { programme: encodeCode("VCS"), series: encodeCode("13488") };

async function propose(differences: Partial<TestIssuance> = {}, id = statementId) {
  const issuance = ledger.issuanceOf(id, { code: "BATCH", recipient: owner, ...differences });
  await proposer.proposeIssuance(issuance);
  return issuance;
}

describe("Registry.approveIssuance", () => {
  beforeEach(ledger.reset);

  describe("given a proposal by another registrar", () => {
    it("issues the batch to the recipient, and says so", async () => {
      const issuance = await propose();
      const id = await registry.hashIssuance(issuance);
      const sent = registry.approveIssuance(issuance, 0);
      await expectEvents(sent, registry, "IssuanceApproved", [[id, encodeCode("BATCH"), parts.registrar2.address]]);
      await expectEvents(sent, registry, "BatchIssued", [
        [BATCH, encodeCode("VCS-1"), statementId, 2024, 1_000, owner, 0, ZeroAddress],
      ]);
      expect(await eventsOf(sent, registry)).toHaveLength(2);

      expect(await registry.issuanceStatus(id)).toBe(2n);
      expect([...(await registry.batch(BATCH))]).toEqual([encodeCode("VCS-1"), 2024n, 0n, 0n, false, 1_000n]);
      expect(await units.balanceOf(owner, BATCH)).toBe(1_000n);
      expect((await units.totals(BATCH)).issuedTonnes).toBe(1_000n);
    });

    it("issues it once", async () => {
      const issuance = await propose();
      const id = await registry.hashIssuance(issuance);
      await registry.approveIssuance(issuance, 0);
      await expectRevert(registry.approveIssuance(issuance, 0), registry, "RegistryIssuanceStatusInvalid", [id, 2]);
      await expectRevert(registry.rejectIssuance(issuance, ZeroHash), registry, "RegistryIssuanceStatusInvalid", [
        id,
        2,
      ]);
    });

    it.each([
      [1_000, 124],
      [1, 1],
      [8, 1],
      [9, 2],
      [10_000, 1_234],
      [10_001, 1_235],
    ])("sets aside of %i tonnes, at 12.34 %%, %i: rounded up", async (tonnes, bufferTonnes) => {
      const sent = registry.approveIssuance(await propose({ tonnes }, bufferedId), 0);
      await expectEvents(sent, registry, "BatchIssued", [
        [BATCH, encodeCode("VCS-2"), bufferedId, 2024, tonnes, owner, bufferTonnes, keeper],
      ]);
      expect(await units.balanceOf(owner, BATCH)).toBe(BigInt(tonnes - bufferTonnes));
      expect(await units.balanceOf(keeper, BATCH)).toBe(BigInt(bufferTonnes));
    });
  });

  describe("given a proposal that rests on a foreign block", () => {
    const imported = (code: string, start: bigint, end: bigint) =>
      propose({ code, tonnes: end - start + 1n, foreignBlock: { ...VCS, start, end } });

    it("records the block, and says so", async () => {
      const sent = registry.approveIssuance(await imported("BATCH", 101n, 200n), 0);
      await expectEvents(sent, registry, "ForeignBlockRecorded", [[VCS.programme, VCS.series, 101, 200, BATCH]]);
    });

    it("refuses a block that repeats or overlaps a recorded one, in any order of arrival", async () => {
      await registry.approveIssuance(await imported("B-1", 301n, 400n), 0);
      await registry.approveIssuance(await imported("B-2", 101n, 200n), 0);
      const same = registry.approveIssuance(await imported("B-3", 101n, 200n), 0);
      await expectRevert(same, registry, "IntervalSetOverlap", [101, 200]);
      const over = registry.approveIssuance(await imported("B-4", 200n, 300n), 101);
      await expectRevert(over, registry, "IntervalSetOverlap", [101, 200]);
      const under = registry.approveIssuance(await imported("B-5", 201n, 301n), 101);
      await expectRevert(under, registry, "IntervalSetOverlap", [301, 400]);
      await registry.approveIssuance(await imported("B-6", 201n, 300n), 101);
    });

    it("refuses a wrong hint", async () => {
      await registry.approveIssuance(await imported("B-1", 101n, 200n), 0);
      const issuance = await imported("B-2", 301n, 400n);
      await expectRevert(registry.approveIssuance(issuance, 0), registry, "IntervalSetHintInvalid", [0]);
      await expectRevert(registry.approveIssuance(issuance, 5), registry, "IntervalSetHintInvalid", [5]);
      await registry.approveIssuance(issuance, 101);
    });

    it("takes the same numbers in another series or programme", async () => {
      await registry.approveIssuance(await imported("B-1", 101n, 200n), 0);
      const block = { ...VCS, start: 101n, end: 200n };
      const series = await propose({ code: "B-2", tonnes: 100, foreignBlock: { ...block, series: encodeCode("240") } });
      await registry.approveIssuance(series, 0);
      const programme = await propose({
        code: "B-3",
        tonnes: 100,
        foreignBlock: { ...block, programme: encodeCode("GS") },
      });
      await registry.approveIssuance(programme, 0);
    });
  });

  it("refuses the registrar who proposed, also through the access manager", async () => {
    const issuance = await propose();
    const own = proposer.approveIssuance(issuance, 0);
    await expectRevert(own, registry, "RegistrySameRegistrar", [parts.registrar1.address]);
    const data = registry.interface.encodeFunctionData("approveIssuance", [issuance, 0]);
    const hidden = access.connect(parts.registrar1).execute(registry, data);
    await expectRevert(hidden, registry, "RegistryCallerHidden", [ledger.addresses.LedgerAccess]);
  });

  it("refuses what was not proposed exactly so, or was rejected", async () => {
    const issuance = await propose();
    const altered = { ...issuance, tonnes: 1_001 };
    const alteredId = await registry.hashIssuance(altered);
    await expectRevert(registry.approveIssuance(altered, 0), registry, "RegistryIssuanceStatusInvalid", [alteredId, 0]);

    await registry.rejectIssuance(issuance, ZeroHash);
    const id = await registry.hashIssuance(issuance);
    await expectRevert(registry.approveIssuance(issuance, 0), registry, "RegistryIssuanceStatusInvalid", [id, 3]);
  });

  describe("given that something changed since the proposal", () => {
    it("refuses a project that is no longer registered", async () => {
      const issuance = await propose();
      await registry.setProjectStatus(encodeCode("VCS-1"), 7);
      const act = registry.approveIssuance(issuance, 0);
      await expectRevert(act, registry, "RegistryProjectNotRegistered", [encodeCode("VCS-1"), 7]);
    });

    it("refuses a recipient whose participant was suspended, or who was removed", async () => {
      const issuance = await propose();
      await participants.removeAccount(ownerId, owner);
      await expectRevert(registry.approveIssuance(issuance, 0), registry, "RegistryRecipientInvalid", [owner, ownerId]);
      await ledger.reset();
      const another = await propose();
      await participants.connect(parts.compliance1).suspend(ownerId, ZeroHash);
      await expectRevert(registry.approveIssuance(another, 0), registry, "RegistryRecipientInvalid", [owner, ownerId]);
    });

    it("refuses a buffer account that may not keep the buffer any more", async () => {
      const issuance = await propose({}, bufferedId);
      await participants.connect(parts.compliance1).suspend(2, ZeroHash);
      await expectRevert(registry.approveIssuance(issuance, 0), registry, "RegistryBufferAccountInvalid", [keeper]);
    });
  });

  it("refuses a caller who is no registrar", async () => {
    const act = registry.connect(parts.verifier).approveIssuance(await propose(), 0);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [parts.verifier.address]);
  });
});

describe("Registry.approveIssuance, while no buffer account is set", () => {
  it("refuses a project with a buffer share, and issues for one without", async () => {
    const fresh = await deployTestLedger();
    const id = await fresh.admit(null, fresh.firms[0]!);
    await fresh.registerProject("SHARE", id, 1);
    const shareId = await fresh.recordStatement(fresh.statementOf("SHARE"));
    const issuance = fresh.issuanceOf(shareId, { recipient: fresh.firms[0]! });
    await fresh.registry.proposeIssuance(issuance);
    const act = fresh.registry.connect(fresh.parts.registrar2).approveIssuance(issuance, 0);
    await expectRevert(act, fresh.registry, "RegistryBufferAccountInvalid", [ZeroAddress]);
    const batch = await fresh.issueBatch({ recipient: fresh.firms[0]!.address });
    expect((await fresh.units.totals(batch)).heldTonnes).toBe(1_000n);
  });
});
