import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startTestService, type TestService } from "../../support/service.js";

describe("GET /v1/events", () => {
  let stage: TestService;
  let auditor: { authorization: string };

  beforeAll(async () => {
    stage = await startTestService();
    auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
    for (let firm = 0; firm < 3; firm++) await stage.firm();
  });
  afterAll(() => stage.close());

  const namesOf = (body: { items: { name: string }[] }): string[] => body.items.map(({ name }) => name);

  it("is for institutions and auditors", async () => {
    const { key } = await stage.firm();

    expect((await stage.get("/v1/events")).status).toBe(401);
    expect((await stage.get("/v1/events", key)).status).toBe(403);
    expect((await stage.get("/v1/events", auditor)).status).toBe(200);
  });

  it("gives them in the order of the chain, page by page", async () => {
    const all = await stage.get("/v1/events?limit=200", auditor);
    const paged: unknown[] = [];
    let query = "?limit=7";
    for (;;) {
      const { body } = await stage.get(`/v1/events${query}`, auditor);
      paged.push(...body.items);
      if (body.next === null) break;
      query = `?limit=7&cursor=${body.next}`;
    }

    expect(paged).toEqual(all.body.items);
    const items = all.body.items as { blockNumber: number; logIndex: number }[];
    const places = items.map(({ blockNumber, logIndex }) => blockNumber * 10_000 + logIndex);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("filters by contract, name, blocks and transaction", async () => {
    const named = await stage.get("/v1/events?contract=Participants&name=ParticipantAdmitted", auditor);
    expect(named.body.items.length).toBeGreaterThanOrEqual(3);
    expect(new Set(namesOf(named.body))).toEqual(new Set(["ParticipantAdmitted"]));

    const [first] = named.body.items;
    const inBlock = await stage.get(`/v1/events?fromBlock=${first.blockNumber}&toBlock=${first.blockNumber}`, auditor);
    const inTransaction = await stage.get(`/v1/events?txHash=${first.txHash}`, auditor);
    expect(inTransaction.body).toEqual(inBlock.body);
    expect(inTransaction.body.items).toContainEqual(first);
  });

  it("finds none of a name that no event has", async () => {
    const { body } = await stage.get("/v1/events?name=Nothing", auditor);

    expect(body).toEqual({ items: [], next: null });
  });

  it("refuses a contract that is not the ledger's, and a cursor of another list", async () => {
    expect((await stage.get("/v1/events?contract=Other", auditor)).body.code).toBe("validation-failed");
    expect((await stage.get("/v1/events?cursor=abc", auditor)).body.code).toBe("cursor-invalid");
  });
});
