import { describe, expect, it } from "vitest";

import { encodeCode } from "../../../src/chain/codes.js";
import { hashStatement } from "../../../src/chain/statement.js";
import { deployTestLedger } from "../../support/ledger.js";
import { expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { registry } = ledger;
const UNKNOWN = encodeCode("NONE");

describe("Registry, read", () => {
  it("hashStatement is the EIP-712 digest that the service computes", async () => {
    const statement = ledger.statementOf("VCS-1", { verifiedTonnes: 2n ** 64n - 1n, periodEnd: 4_294_967_295 });
    expect(await registry.hashStatement(statement)).toBe(hashStatement(statement, ledger.domain));
  });

  it("eip712Domain names this contract on this chain", async () => {
    const [, name, version, chainId, verifyingContract] = await registry.eip712Domain();
    expect([name, version, chainId, verifyingContract]).toEqual([
      "CarbonRegistry",
      "1",
      ledger.chainId,
      ledger.addresses.Registry,
    ]);
  });

  it("refuses what is unknown", async () => {
    await expectRevert(registry.project(UNKNOWN), registry, "RegistryProjectUnknown", [UNKNOWN]);
    await expectRevert(registry.statement(UNKNOWN), registry, "RegistryStatementUnknown", [UNKNOWN]);
    await expectRevert(registry.batch(UNKNOWN), registry, "RegistryBatchUnknown", [BigInt(UNKNOWN)]);
    expect(await registry.issuanceStatus(UNKNOWN)).toBe(0n);
  });
});
