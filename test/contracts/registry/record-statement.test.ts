import { ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { encodeCode } from "../../../src/chain/codes.js";
import { signStatement, statementDomain, type VerificationStatement } from "../../../src/chain/statement.js";
import { WalletMock__factory } from "../../../types/ethers-contracts/factories/test/WalletMock__factory.js";
import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { registry, access, parts, firms } = ledger;
const owner = await ledger.admit("0100109106", firms[0]!);
await ledger.registerProject("VCS-1", owner);
await ledger.registerProject("VCS-2", owner);
await ledger.checkpoint();

const statementOf = (differences: Partial<VerificationStatement> = {}, project = "VCS-1") =>
  ledger.statementOf(project, differences);
const period = (periodStart: number, periodEnd: number) => statementOf({ periodStart, periodEnd });
const sign = (statement: VerificationStatement, signer = parts.verifier) =>
  signStatement(signer, statement, ledger.domain);
const record = async (statement: VerificationStatement, previous = ZeroHash) =>
  registry.recordStatement(statement, await sign(statement), previous);

describe("Registry.recordStatement", () => {
  beforeEach(ledger.reset);

  describe("given a verifier's signed statement about a registered project", () => {
    it("records it, whoever delivers it, and says so", async () => {
      const given = statementOf();
      const sent = registry.connect(firms[5]).recordStatement(given, await sign(given), ZeroHash);
      const statementId = await registry.hashStatement(given);
      const { projectCode, periodStart, periodEnd, verifiedTonnes, reportHash, verifier } = given;
      await expectEvents(sent, registry, "StatementRecorded", [
        [statementId, projectCode, verifier, periodStart, periodEnd, verifiedTonnes, reportHash],
      ]);
      const known = [...(await registry.statement(statementId))];
      expect(known).toEqual([projectCode, BigInt(periodStart), BigInt(periodEnd), verifiedTonnes, 0n]);
    });

    it("records it once", async () => {
      const given = statementOf();
      await record(given);
      const id = await registry.hashStatement(given);
      await expectRevert(record(given), registry, "RegistryPeriodOverlap", [given.periodStart]);
      await expectRevert(record(given, id), registry, "RegistryPeriodOverlap", [given.periodStart]);
    });

    it("records the same period of another project", async () => {
      await record(statementOf());
      await record(statementOf({}, "VCS-2"));
    });

    it("accepts a verifier that is a contract (ERC-1271)", async () => {
      const wallet = await new WalletMock__factory(parts.verifier).deploy(parts.verifier);
      const given = statementOf({ verifier: await wallet.getAddress() });
      await access.grantRole(2, wallet, 0);
      const byStranger = registry.recordStatement(given, await sign(given, firms[0]), ZeroHash);
      await expectRevert(byStranger, registry, "RegistryStatementSignatureInvalid", [given.verifier]);
      await record(given);
    });
  });

  describe("given periods 100–199 and 300–399", () => {
    let early: string;
    let late: string;

    beforeEach(async () => {
      late = await ledger.recordStatement(period(300, 399));
      early = await ledger.recordStatement(period(100, 199));
    });

    it("accepts what fits before, between and after", async () => {
      await record(period(1, 99));
      await record(period(200, 299), early);
      await record(period(400, 4_294_967_295), late);
    });

    it.each([
      ["the first day of the one after", 200, 300, () => early, 300],
      ["the last day of the one before", 199, 250, () => early, 100],
      ["both", 50, 500, () => ZeroHash, 100],
      ["a day inside", 150, 150, () => early, 100],
      ["the same first day", 300, 300, () => early, 300],
    ])("refuses a period that shares %s", async (_, start, end, previous, met) => {
      await expectRevert(record(period(start, end), previous()), registry, "RegistryPeriodOverlap", [met]);
    });

    it.each([
      ["there is one before, and none is named", 200, 299, () => ZeroHash],
      ["the one named is not the latest before", 400, 499, () => early],
      ["the one named comes after", 200, 299, () => late],
      ["the one named is unknown", 200, 299, () => encodeCode("NONE")],
    ])("refuses a wrong previous statement: %s", async (_, start, end, previous) => {
      const act = record(period(start, end), previous());
      await expectRevert(act, registry, "RegistryPreviousStatementInvalid", [previous()]);
    });

    it("refuses the statement of another project as the previous one", async () => {
      const other = await ledger.recordStatement(statementOf({ periodStart: 10, periodEnd: 20 }, "VCS-2"));
      await expectRevert(record(period(200, 299), other), registry, "RegistryPreviousStatementInvalid", [other]);
    });
  });

  it("never lets two periods overlap, whatever the order of arrival and whatever is named", async () => {
    const known: { start: number; end: number; id: string }[] = [];
    let accepted = 0;
    for (let round = 0; round < 120; round++) {
      const start = 1 + ((round * 7_919) % 1_000);
      const end = start + ((round * 31) % 40);
      const before = known.filter((other) => other.start < start).sort((a, b) => b.start - a.start);
      const named = round % 5 === 4 ? known[round % known.length] : before[0];
      const mayPass = named === before[0] && known.every((other) => other.end < start || end < other.start);
      const statement = period(start, end);
      const passed = await record(statement, named?.id).then(
        () => true,
        () => false,
      );
      expect([round, passed]).toEqual([round, mayPass]);
      if (!passed) continue;
      known.push({ start, end, id: await registry.hashStatement(statement) });
      accepted++;
    }
    expect(accepted).toBeGreaterThan(20);
  });

  it("refuses a signature by another key, for other content, another contract or another chain", async () => {
    const given = statementOf();
    const invalid = async (signature: string) => {
      const act = registry.recordStatement(given, signature, ZeroHash);
      await expectRevert(act, registry, "RegistryStatementSignatureInvalid", [given.verifier]);
    };
    await invalid(await sign(given, parts.registrar1));
    await invalid(await sign({ ...given, verifiedTonnes: given.verifiedTonnes + 1n }));
    await invalid(await sign({ ...given, projectCode: encodeCode("VCS-2") }));
    await invalid(await sign({ ...given, periodEnd: given.periodEnd + 1 }));
    await invalid(await signStatement(parts.verifier, given, statementDomain(ledger.chainId, ledger.addresses.Units)));
    await invalid(await signStatement(parts.verifier, given, statementDomain(1n, ledger.addresses.Registry)));
    await invalid("0x");
  });

  it("refuses a signer without the verifier role, or who lost it", async () => {
    const byRegistrar = statementOf({ verifier: parts.registrar1.address });
    const act = registry.recordStatement(byRegistrar, await sign(byRegistrar, parts.registrar1), ZeroHash);
    await expectRevert(act, registry, "RegistryNotVerifier", [parts.registrar1.address]);

    await access.revokeRole(2, parts.verifier);
    await expectRevert(record(statementOf()), registry, "RegistryNotVerifier", [parts.verifier.address]);
  });

  it("refuses an empty or reversed period, day zero, and no tonnes", async () => {
    await expectRevert(record(period(10, 9)), registry, "RegistryPeriodInvalid", [10, 9]);
    await expectRevert(record(period(0, 9)), registry, "RegistryPeriodInvalid", [0, 9]);
    await expectRevert(record(statementOf({ verifiedTonnes: 0n })), registry, "RegistryTonnesInvalid", [0]);
  });

  it("refuses a project that is unknown or not registered", async () => {
    const unknown = statementOf({}, "VCS-9");
    await expectRevert(record(unknown), registry, "RegistryProjectUnknown", [unknown.projectCode]);
    await registry.setProjectStatus(encodeCode("VCS-1"), 5);
    const inactive = record(statementOf());
    await expectRevert(inactive, registry, "RegistryProjectNotRegistered", [encodeCode("VCS-1"), 5]);
  });
});
