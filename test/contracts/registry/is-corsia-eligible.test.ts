import { ZeroHash } from "ethers";
import { describe, expect, it } from "vitest";

import { batchIdOf } from "../../../src/chain/codes.js";
import { deployTestLedger } from "../../support/ledger.js";

const ledger = await deployTestLedger();
const { registry, firms } = ledger;
const recipient = firms[0]!.address;
await ledger.admit(null, recipient);

describe("Registry.isCorsiaEligible", () => {
  it("says yes for vintages before 2021, authorised or not", async () => {
    expect(await registry.isCorsiaEligible(await ledger.issueBatch({ recipient, vintage: 2020 }))).toBe(true);
  });

  it.each([
    [0, false],
    [1, false],
    [2, true],
    [4, false],
    [5, false],
    [6, true],
    [7, true],
  ])("says for the vintage 2021 and the purposes %i (NDC 1, IMP 2, OP 4): %s", async (authorisations, eligible) => {
    const batch = await ledger.issueBatch({ recipient, vintage: 2021 });
    if (authorisations !== 0) await registry.authoriseBatch(batch, authorisations, 0, ZeroHash);
    expect(await registry.isCorsiaEligible(batch)).toBe(eligible);
  });

  it("says no for a batch that is unknown, or only proposed", async () => {
    const statementId = await ledger.recordStatement(
      ledger.statementOf("PROJECT-1", { periodStart: 10_000, periodEnd: 10_000 }),
    );
    await registry.proposeIssuance(ledger.issuanceOf(statementId, { code: "OLD", vintage: 1997, recipient }));
    expect(await registry.isCorsiaEligible(batchIdOf("OLD"))).toBe(false);
    expect(await registry.isCorsiaEligible(7)).toBe(false);
  });
});
