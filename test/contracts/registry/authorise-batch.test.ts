import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { registry, parts, firms } = ledger;
await ledger.admit(null, firms[0]!);
const batch = await ledger.issueBatch({ recipient: firms[0]!.address });
await ledger.checkpoint();
const [NDC, IMP, OP] = [1, 2, 4];
const DOCUMENT = id("authorisation");
const authorise = (authorisations: number, firstTransfer = 2) =>
  registry.authoriseBatch(batch, authorisations, firstTransfer, DOCUMENT);

describe("Registry.authoriseBatch", () => {
  beforeEach(ledger.reset);

  it("records the purposes and the first transfer, and says so", async () => {
    await expectEvents(authorise(NDC | IMP, 1), registry, "BatchAuthorised", [[batch, NDC | IMP, 1, DOCUMENT]]);
    const known = await registry.batch(batch);
    expect([known.authorisations, known.firstTransfer, known.authorisationRevoked]).toEqual([3n, 1n, false]);
  });

  it("adds purposes, and drops none", async () => {
    await authorise(IMP);
    await authorise(IMP | OP);
    await expectRevert(authorise(NDC | IMP), registry, "RegistryAuthorisationsInvalid", [NDC | IMP]);
    await authorise(NDC | IMP | OP);
  });

  it("refuses no purpose and unknown purposes", async () => {
    await expectRevert(authorise(0), registry, "RegistryAuthorisationsInvalid", [0]);
    await expectRevert(authorise(8), registry, "RegistryAuthorisationsInvalid", [8]);
    await expectRevert(authorise(255), registry, "RegistryAuthorisationsInvalid", [255]);
  });

  it("refuses a batch whose authorisation was revoked", async () => {
    await authorise(IMP);
    await registry.connect(parts.compliance1).revokeAuthorisation(batch, DOCUMENT);
    await expectRevert(authorise(IMP), registry, "RegistryAuthorisationRevoked", [batch]);
  });

  it("refuses an unknown batch", async () => {
    await expectRevert(registry.authoriseBatch(7, IMP, 0, DOCUMENT), registry, "RegistryBatchUnknown", [7]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = registry.connect(parts.compliance1).authoriseBatch(batch, IMP, 0, DOCUMENT);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [parts.compliance1.address]);
  });
});
