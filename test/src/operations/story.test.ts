import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { problemOf } from "../../../src/chain/outbox/problems.js";
import { settle } from "../../../src/chain/outbox/store.js";
import { createOperations, newOperationId } from "../../../src/operations/service.js";
import { startTestService, type SelfCustodyFirm, type TestFirm, type TestService } from "../../support/service.js";

const BATCH = "STORY-2024";

let stage: TestService;
let firm: TestFirm;
let other: SelfCustodyFirm;

beforeAll(async () => {
  stage = await startTestService();
  firm = await stage.managedFirm();
  other = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: firm.account, tonnes: 10_000 });
  await stage.synced();
});
afterAll(() => stage.close());

async function transfer() {
  const body = { to: other.account, batch: BATCH, tonnes: "1" };
  return (await stage.post("/v1/transfers", body, { ...firm.key, prefer: "wait=20" })).body;
}

describe("GET /v1/operations/{id}/story", () => {
  it("should tell every step of an operation with its time, transaction and block", async () => {
    const { id, txHash, blockNumber, createdAt, updatedAt } = await transfer();
    const { status, body } = await stage.get(`/v1/operations/${id}/story`);
    expect(status).toBe(200);
    expect(body.operation).toEqual((await stage.get(`/v1/operations/${id}`)).body);
    expect(body.steps.map(({ step }: { step: string }) => step)).toEqual(["accepted", "sent", "mined", "final"]);
    const [accepted, sent, mined, final] = body.steps;
    expect(accepted).toMatchObject({ at: createdAt, txHash: null, links: { transaction: null } });
    expect(sent).toMatchObject({ txHash, outcome: "mined", blockNumber: null });
    expect(mined).toMatchObject({ txHash, blockNumber });
    expect(final).toMatchObject({ at: updatedAt, txHash, blockNumber, problem: null });
    const link = (await stage.get(final.links.transaction)).body;
    expect(link.timestamp).toBe(mined.at);
  });

  it("should tell of one that was rejected why, to those who may know", async () => {
    const operations = createOperations({ db: stage.db, kick: () => undefined });
    const id = newOperationId();
    await operations.accept({
      id,
      kind: "deposit",
      lane: "institution:0x0",
      participantId: firm.id,
      request: {},
      payload: {},
    });
    await settle(stage.db, [
      { id, status: "rejected", problem: problemOf(id, "transaction-failed", "no"), txHash: null, blockNumber: null },
    ]);
    const { body } = await stage.get(`/v1/operations/${id}/story`, firm.key);
    expect(body.steps.map(({ step }: { step: string }) => step)).toEqual(["accepted", "rejected"]);
    expect(body.steps[1].problem).toMatchObject({ code: "transaction-failed", detail: "no" });
    expect((await stage.get(`/v1/operations/${id}/story`, other.key)).status).toBe(404);
    expect((await stage.get(`/v1/operations/${id}/story`)).status).toBe(401);
    expect((await stage.get(`/v1/operations/0x${"0".repeat(64)}/story`)).status).toBe(404);
  });
});

describe("An intent that the chain has executed", () => {
  it("should be found although this service never took it in, or has lost its inbox", async () => {
    const { id, txHash, blockNumber } = await transfer();
    await stage.db.deleteFrom("operations").where("id", "=", id).execute();
    const { status, body } = await stage.get(`/v1/operations/${id}?minBlock=${blockNumber}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, kind: "transfer", status: "final", txHash, blockNumber, account: firm.account });
    expect(body.participantId).toBe(firm.id);
    const story = (await stage.get(`/v1/operations/${id}/story`)).body;
    expect(story.steps.map(({ step }: { step: string }) => step)).toEqual(["mined", "final"]);
  });

  it("should be final to whoever names its block", async () => {
    const body = { to: other.account, batch: BATCH, tonnes: "1" };
    for (let round = 0; round < 10; round += 1) {
      const { id } = (await stage.post("/v1/transfers", body, firm.key)).body;
      let receipt: { blockNumber: string } | null = null;
      while (receipt === null) {
        const row = await stage.db
          .selectFrom("operations")
          .select("tx_hash")
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        if (row.tx_hash !== null)
          receipt = await stage.ledger.ethers.provider.send("eth_getTransactionReceipt", [row.tx_hash]);
      }
      const seen = await stage.get(`/v1/operations/${id}?minBlock=${Number(receipt.blockNumber)}`);
      expect(seen.body.status).toBe("final");
    }
  });
});

describe("Every read", () => {
  it("should take `minBlock`, and wait for the block", async () => {
    const { paths } = (await stage.get("/v1/openapi.json")).body as {
      paths: Record<
        string,
        Record<string, { parameters: { name: string }[]; responses: Record<string, { content?: object }> }>
      >;
    };
    const without = Object.entries(paths).flatMap(([path, { get }]) => {
      if (get === undefined || get.parameters.some(({ name }) => name === "minBlock")) return [];
      return Object.keys(get.responses["200"]?.content ?? {}).includes("text/event-stream") ? [] : [path];
    });
    expect(without).toEqual([]);
    const head = await stage.ledger.ethers.provider.getBlockNumber();
    for (const path of ["/v1/errors", "/v1/history/transfers/export?format=csv", "/v1/operations"]) {
      const query = `${path.includes("?") ? "&" : "?"}minBlock=`;
      const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
      expect([path, (await stage.get(`${path}${query}${head}`, auditor)).status]).toEqual([path, 200]);
      expect((await stage.get(`${path}${query}x`, auditor)).body.code).toBe("validation-failed");
    }
  });
});
