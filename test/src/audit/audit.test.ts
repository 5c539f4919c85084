import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { playEverything, startAuditStage, type AuditStage } from "../../support/audit.js";

let stage: AuditStage;

beforeAll(async () => {
  stage = await startAuditStage();
  await playEverything(stage);
  await stage.checkpoint();
});
afterAll(() => stage.close());
beforeEach(async () => {
  stage.intercept(async (_method, _params, next) => await next());
  await stage.reset();
});

describe("an honest ledger", () => {
  it("should be clean, and everything compared", async () => {
    const verdict = await stage.run();
    expect(verdict.discrepancies).toEqual([]);
    expect(verdict).toMatchObject({
      format: "carbon-ledger/audit/1",
      verdict: "clean",
      tonnes: { countedTwice: false, lost: false, fromThinAir: false },
      chainId: stage.chainId.toString(),
      discrepancyCount: 0,
    });
    expect(verdict.toBlock).toBe(String(await stage.ethers.provider.getBlockNumber()));
    expect(verdict.checks).toMatchObject({ retirements: 2, cancellations: 1, deals: 1, orders: 2 });
  });
});
