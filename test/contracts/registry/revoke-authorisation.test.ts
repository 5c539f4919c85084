import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { parts, firms } = ledger;
const registry = ledger.registry.connect(parts.compliance1);
await ledger.admit(null, firms[0]!);
const batch = await ledger.issueBatch({ recipient: firms[0]!.address });
const bare = await ledger.issueBatch({ recipient: firms[0]!.address });
await ledger.registry.authoriseBatch(batch, 7, 3, id("authorisation"));
await ledger.checkpoint();
const REASON = id("reason");

describe("Registry.revokeAuthorisation", () => {
  beforeEach(ledger.reset);

  it("takes all purposes away for good, and says so", async () => {
    const sent = registry.revokeAuthorisation(batch, REASON);
    await expectEvents(sent, registry, "BatchAuthorisationRevoked", [[batch, REASON]]);
    const known = await registry.batch(batch);
    expect([known.authorisations, known.authorisationRevoked]).toEqual([0n, true]);
    expect(await registry.isCorsiaEligible(batch)).toBe(false);
  });

  it("refuses a second time", async () => {
    await registry.revokeAuthorisation(batch, REASON);
    await expectRevert(registry.revokeAuthorisation(batch, REASON), registry, "RegistryAuthorisationRevoked", [batch]);
  });

  it("refuses a batch that was never authorised, or is unknown", async () => {
    await expectRevert(registry.revokeAuthorisation(bare, REASON), registry, "RegistryAuthorisationsInvalid", [0]);
    await expectRevert(registry.revokeAuthorisation(7, REASON), registry, "RegistryBatchUnknown", [7]);
  });

  it("refuses a caller who is no compliance officer", async () => {
    const act = ledger.registry.revokeAuthorisation(batch, REASON);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [parts.registrar1.address]);
  });
});
