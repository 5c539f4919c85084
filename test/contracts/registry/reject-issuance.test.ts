import { id, ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { encodeCode } from "../../../src/chain/codes.js";
import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { registry, parts, firms } = ledger;
await ledger.registerProject("VCS-1", await ledger.admit(null, firms[0]!));
const statementId = await ledger.recordStatement(ledger.statementOf("VCS-1"));
const issuance = ledger.issuanceOf(statementId, { code: "BATCH", tonnes: 400, recipient: firms[0]!.address });
const issuanceId = await registry.hashIssuance(issuance);
await registry.proposeIssuance(issuance);
await ledger.checkpoint();
const REASON = id("reason");

describe("Registry.rejectIssuance", () => {
  beforeEach(ledger.reset);

  it.each(["registrar1", "registrar2"] as const)("returns the tonnes to the statement, by %s", async (part) => {
    expect((await registry.statement(statementId)).claimedTonnes).toBe(400n);
    const sent = registry.connect(parts[part]).rejectIssuance(issuance, REASON);
    await expectEvents(sent, registry, "IssuanceRejected", [
      [issuanceId, encodeCode("BATCH"), parts[part].address, REASON],
    ]);
    expect(await registry.issuanceStatus(issuanceId)).toBe(3n);
    expect((await registry.statement(statementId)).claimedTonnes).toBe(0n);
  });

  it("refuses what is not proposed, or was rejected already", async () => {
    const other = { ...issuance, vintage: 2023 };
    const otherId = await registry.hashIssuance(other);
    await expectRevert(registry.rejectIssuance(other, REASON), registry, "RegistryIssuanceStatusInvalid", [otherId, 0]);
    await registry.rejectIssuance(issuance, REASON);
    const again = registry.rejectIssuance(issuance, REASON);
    await expectRevert(again, registry, "RegistryIssuanceStatusInvalid", [issuanceId, 3]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = registry.connect(parts.guardian).rejectIssuance(issuance, ZeroHash);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [parts.guardian.address]);
  });
});
