import { keccak256, ZeroAddress, ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { dayNumber, encodeCode } from "../../../src/chain/codes.js";
import { deployTestLedger, type TestIssuance } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { registry, participants, access, parts, firms } = ledger;
const [owner, stranger] = firms.map(({ address }) => address) as [string, string];
await ledger.registerProject("VCS-1", await ledger.admit("0100109106", owner));
await ledger.admit("0100109107", stranger);
const PROJECT = encodeCode("VCS-1");
const START = dayNumber("2022-12-31");
const END = dayNumber("2024-01-01");
const statementId = await ledger.recordStatement(
  ledger.statementOf("VCS-1", { periodStart: START, periodEnd: END, verifiedTonnes: 500n }),
);
await ledger.checkpoint();

const issuanceOf = (differences: Partial<TestIssuance> = {}, id = statementId) =>
  ledger.issuanceOf(id, { code: "BATCH", tonnes: 500, vintage: 2023, recipient: owner, ...differences });
const propose = (differences?: Partial<TestIssuance>, id?: string) =>
  registry.proposeIssuance(issuanceOf(differences, id));
const claimed = async () => (await registry.statement(statementId)).claimedTonnes;
const FOREIGN = { programme: encodeCode("VCS"), series: encodeCode("13488"), start: 505_972_385n, end: 505_972_884n };

describe("Registry.proposeIssuance", () => {
  beforeEach(ledger.reset);

  describe("given a registrar, a recorded statement and a new code", () => {
    it("claims the tonnes and takes the code, but issues nothing", async () => {
      const issuance = issuanceOf();
      const sent = registry.proposeIssuance(issuance);
      const id = await registry.hashIssuance(issuance);
      const block = [ZeroHash, ZeroHash, 0, 0];
      const full = [statementId, encodeCode("BATCH"), 2023, 500, owner, block, issuance.documentHash];
      await expectEvents(sent, registry, "IssuanceProposed", [
        [id, encodeCode("BATCH"), parts.registrar1.address, full],
      ]);
      expect(await registry.issuanceStatus(id)).toBe(1n);
      expect(await claimed()).toBe(500n);
      await expectRevert(
        registry.batch(encodeCode("BATCH")),
        registry,
        "RegistryBatchUnknown",
        [encodeCode("BATCH")].map(BigInt),
      );
    });

    it("identifies it by the keccak-256 of its ABI encoding", async () => {
      const issuance = issuanceOf({ foreignBlock: FOREIGN });
      const call = registry.interface.encodeFunctionData("hashIssuance", [issuance]);
      expect(await registry.hashIssuance(issuance)).toBe(keccak256(`0x${call.slice(10)}`));
    });

    it("takes several proposals up to the verified tonnes, and not one tonne more", async () => {
      await propose({ tonnes: 300, code: "B-1" });
      await propose({ tonnes: 200, code: "B-2" });
      await expectRevert(propose({ tonnes: 1, code: "B-3" }), registry, "RegistryStatementExceeded", [
        statementId,
        0,
        1,
      ]);
    });

    it("takes every vintage of which the period has a day", async () => {
      for (const vintage of [2022, 2023, 2024]) await propose({ vintage, tonnes: 100, code: `B-${vintage}` });
    });

    it("takes a foreign block as long as the tonnes", async () => {
      await propose({ foreignBlock: FOREIGN });
    });
  });

  it("refuses a code that is malformed or was ever taken, even by a rejected proposal", async () => {
    const lower = `0x${"62".padEnd(64, "0")}`;
    const malformed = registry.proposeIssuance({ ...issuanceOf(), batchCode: lower });
    await expectRevert(malformed, registry, "RegistryCodeInvalid", [lower]);

    const issuance = issuanceOf({ tonnes: 1 });
    await registry.proposeIssuance(issuance);
    await expectRevert(propose({ tonnes: 1 }), registry, "RegistryCodeTaken", [encodeCode("BATCH")]);
    await registry.rejectIssuance(issuance, ZeroHash);
    await expectRevert(propose({ tonnes: 1 }), registry, "RegistryCodeTaken", [encodeCode("BATCH")]);
  });

  it("refuses an unknown statement", async () => {
    const unknown = encodeCode("NONE");
    await expectRevert(propose({}, unknown), registry, "RegistryStatementUnknown", [unknown]);
  });

  it("refuses more tonnes than were verified, and none", async () => {
    await expectRevert(propose({ tonnes: 501 }), registry, "RegistryStatementExceeded", [statementId, 500, 501]);
    await expectRevert(propose({ tonnes: 0 }), registry, "RegistryTonnesInvalid", [0]);
    const greatest = 2n ** 64n - 1n;
    await expectRevert(propose({ tonnes: greatest }), registry, "RegistryStatementExceeded", [
      statementId,
      500,
      greatest,
    ]);
  });

  it.each([2021, 2025, 0, 1969, 65_535])("refuses the vintage %i, of which the period has no day", async (vintage) => {
    await expectRevert(propose({ vintage }), registry, "RegistryVintageOutsidePeriod", [vintage, START, END]);
  });

  it("refuses a recipient who is not an active account of the project's owner", async () => {
    for (const recipient of [stranger, firms[5]!.address, ZeroAddress]) {
      await expectRevert(propose({ recipient }), registry, "RegistryRecipientInvalid", [recipient, 1]);
    }
    await participants.connect(parts.compliance1).suspend(1, ZeroHash);
    await expectRevert(propose(), registry, "RegistryRecipientInvalid", [owner, 1]);
  });

  it("refuses a project that is no longer registered", async () => {
    await registry.setProjectStatus(PROJECT, 5);
    await expectRevert(propose(), registry, "RegistryProjectNotRegistered", [PROJECT, 5]);
  });

  it.each([
    ["longer than the tonnes", { end: FOREIGN.end + 1n }],
    ["shorter than the tonnes", { end: FOREIGN.end - 1n }],
    ["reversed", { start: FOREIGN.end, end: FOREIGN.start }],
    ["starting at zero", { start: 0n, end: 499n }],
    ["without a programme", { programme: ZeroHash }],
    ["without a programme and series", { programme: ZeroHash, series: ZeroHash }],
  ])("refuses a foreign block %s", async (_, differences) => {
    const block = { ...FOREIGN, ...differences };
    const evidence = [block.start, block.end, 500];
    await expectRevert(propose({ foreignBlock: block }), registry, "RegistryForeignBlockInvalid", evidence);
  });

  it("refuses a series without a programme though its block is empty", async () => {
    const block = { ...FOREIGN, programme: ZeroHash, start: 0n, end: 0n };
    await expectRevert(propose({ foreignBlock: block }), registry, "RegistryForeignBlockInvalid", [0, 0, 500]);
  });

  it("refuses a malformed programme or series", async () => {
    const word = `0x${"63".padEnd(64, "0")}`;
    for (const part of ["programme", "series"]) {
      const act = propose({ foreignBlock: { ...FOREIGN, [part]: word } });
      await expectRevert(act, registry, "RegistryCodeInvalid", [word]);
    }
    await expectRevert(propose({ foreignBlock: { ...FOREIGN, series: ZeroHash } }), registry, "RegistryCodeInvalid", [
      ZeroHash,
    ]);
  });

  it("refuses a caller who is no registrar, or who hides behind the access manager", async () => {
    const byVerifier = registry.connect(parts.verifier).proposeIssuance(issuanceOf());
    await expectRevert(byVerifier, registry, "AccessManagedUnauthorized", [parts.verifier.address]);
    const data = registry.interface.encodeFunctionData("proposeIssuance", [issuanceOf()]);
    const hidden = access.connect(parts.registrar1).execute(registry, data);
    await expectRevert(hidden, registry, "RegistryCallerHidden", [ledger.addresses.LedgerAccess]);
  });
});
