import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createClient, createFirm, isProblem, type ClientOptions, type Operation } from "../../../src/client/index.js";
import { startTestService, type SelfCustodyFirm, type TestFirm, type TestService } from "../../support/service.js";
import { comparisons, type ApiDocument } from "../../support/api-comparison.js";
import { clientFunctions } from "../../support/client-surface.js";
import { everyRequest, requestsOfFunctions } from "./every-request.js";

const BATCH = "VN-VCS-1-2024-01";

let stage: TestService;
let key: ReturnType<typeof Wallet.createRandom>;
let own: SelfCustodyFirm;
let managed: TestFirm;
beforeAll(async () => {
  stage = await startTestService();
  key = Wallet.createRandom();
  [own, managed] = [await stage.firm(key), await stage.managedFirm()];
  await stage.ledger.issueBatch({ code: BATCH, recipient: own.account, tonnes: 1_000 });
  await stage.ledger.issueBatch({ code: "VN-VCS-1-2024-02", recipient: managed.account, tonnes: 1_000 });
  await stage.synced();
});
afterAll(() => stage.close());

const tokenOf = ({ key: { authorization } }: TestFirm): string => authorization.slice("Bearer ".length);

/** A client whose first answers to what changes something are lost on their way: the service has acted. */
function unlucky(lost: number, options: Partial<ClientOptions> = {}) {
  const sent: string[] = [];
  const client = createClient({
    baseUrl: stage.url,
    sleep: async () => undefined,
    ...options,
    fetch: async (url, init) => {
      const answer = await fetch(url, init);
      if (init?.method === "GET") return answer;
      sent.push(new Headers(init?.headers).get("idempotency-key") ?? "");
      if (sent.length > lost) return answer;
      await answer.arrayBuffer();
      throw new TypeError("fetch failed", { cause: new Error("other side closed") });
    },
  });
  return { client, sent };
}

describe("the client of a service", () => {
  it("should reach every route of the API, and nothing else", async () => {
    const document = (await stage.get("/v1/openapi.json")).body as { paths: Record<string, Record<string, unknown>> };
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const asked = await everyRequest();

    const isOf = (route: string) => {
      const [method = "", path = ""] = route.split(" ");
      const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`);
      return (one: string) => one.startsWith(`${method} `) && pattern.test(one.slice(method.length + 1));
    };
    expect(routes.length).toBeGreaterThan(120);
    expect(routes.filter((route) => !asked.some(isOf(route)))).toEqual([]);
    expect(asked.filter((one) => !routes.some((route) => isOf(route)(one)))).toEqual([]);
  });

  it("should have the types that the API's document says: filters, bodies and answers", async () => {
    const document = (await stage.get("/v1/openapi.json")).body as ApiDocument;
    const [functions, requests] = [clientFunctions(), await requestsOfFunctions()];
    expect(comparisons(document, functions, requests)).toEqual([]);

    // And it would be noticed if they had not.
    const { Holding: holding } = document.components.schemas as Record<string, { properties: Record<string, unknown> }>;
    holding!.properties["colour"] = { type: "string" };
    const faults = comparisons(document, functions, requests);
    expect(faults).toContain("GET /v1/holdings holdings.list.items[].colour: the client does not know it");
  }, 60_000);

  it("should act once when the answers to a signed act are lost", async () => {
    const { client, sent } = unlucky(2);
    const firm = createFirm({ client, privateKey: key.privateKey });
    const before = await balance(own, BATCH);

    const done = await client.operations.settle(await firm.transfer({ to: managed.account, batch: BATCH, tonnes: 7n }));

    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(1);
    expect(await balance(own, BATCH, done.blockNumber)).toBe(before - 7n);
  });

  it("should act once when the answers to an act of a managed account are lost", async () => {
    const { client, sent } = unlucky(2, { apiKey: tokenOf(managed) });

    const accepted = await client.retirements.create({
      batch: "VN-VCS-1-2024-02",
      tonnes: 5n,
      purpose: "voluntary",
      beneficiary: "Twice told",
    });
    const { result, blockNumber } = await client.operations.settle(accepted);

    expect(sent).toHaveLength(3);
    const found = await client.history.retirements.list({ beneficiary: "twice told", minBlock: blockNumber });
    expect(found.items.map(({ id, tonnes }) => [id, tonnes])).toEqual([[result.retirementId, "5"]]);
  });

  it("should act once when nothing was heard to the end, and the caller repeats what failed", async () => {
    const { client, sent } = unlucky(3, { apiKey: tokenOf(managed), attempts: 3 });
    const act = { to: own.account, batch: "VN-VCS-1-2024-02", tonnes: 11n };
    const before = await balance(managed, act.batch);

    const failure = await client.transfers.create(act).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: "ApiUnreachable", attempts: 3, idempotencyKey: sent[0] });
    const repeated = await client.operations.settle(await client.repeat(failure as never));

    expect(new Set(sent).size).toBe(1);
    expect(await balance(managed, act.batch, repeated.blockNumber)).toBe(before - 11n);
  });

  it("should keep a person once when the answer is lost", async () => {
    const { client, sent } = unlucky(1, { apiKey: tokenOf(managed) });

    const { commitment, salt } = await client.personalData.keep({ name: "Nguyễn Thị Thử" });

    expect(sent).toHaveLength(2);
    expect([commitment, salt]).toEqual([
      expect.stringMatching(/^0x[0-9a-f]{64}$/),
      expect.stringMatching(/^0x[0-9a-f]{64}$/),
    ]);
  });

  it("should tell refusals by their codes", async () => {
    const client = createClient({ baseUrl: stage.url, apiKey: tokenOf(managed) });

    const refusal: unknown = await client.transfers
      .create({ to: own.account, batch: BATCH, tonnes: 10n ** 9n })
      .catch((error: unknown) => error);

    expect(isProblem(refusal)).toBe(true);
    expect(isProblem(refusal, "not-found", "cursor-invalid")).toBe(false);
    expect(isProblem(refusal, (refusal as { code: "units-insufficient-balance" }).code)).toBe(true);
  });

  it("should give what happens to operations as it happens, from where a reader was", async () => {
    const client = createClient({ baseUrl: stage.url, apiKey: tokenOf(managed) });
    const enough = new AbortController();
    const seen: string[] = [];
    let sequence = 0;
    let accepted: Operation | undefined;
    for await (const event of client.notifications.stream({ signal: enough.signal })) {
      if (event.event === "ready") {
        accepted = await client.transfers.create({ to: own.account, batch: "VN-VCS-1-2024-02", tonnes: 1n });
        continue;
      }
      if (seen.length === 0) sequence = event.sequence;
      expect(event.data.operation.id).toBe(accepted?.id);
      seen.push(event.event);
      if (event.event === "operation.final") break;
    }
    expect(seen).toEqual(["operation.accepted", "operation.sent", "operation.final"]);

    const again: string[] = [];
    for await (const event of client.notifications.stream({ from: sequence, types: ["operation.final"] })) {
      again.push(event.event);
      if (event.event === "operation.final") break;
    }
    expect(again).toEqual(["ready", "operation.final"]);
  });

  it("should page through history, and through one moment of the past", async () => {
    const client = createClient({ baseUrl: stage.url, apiKey: tokenOf(own) });
    const firm = createFirm({ client, privateKey: key.privateKey });
    const { blockNumber } = await client.operations.settle(
      await firm.transfer({ to: managed.account, batch: BATCH, tonnes: 1n }),
    );

    const ids: string[] = [];
    for await (const { id } of client.history.transfers.all({ limit: 1, minBlock: blockNumber })) ids.push(id);
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(ids.length);

    const batches: string[] = [];
    for await (const { batch } of client.asOf.holdings.all({ block: blockNumber, limit: 1 })) batches.push(batch);
    expect(batches).toContain(BATCH);
    const { totals } = await client.history.transfers.totals({ groupBy: "batch" });
    expect(BigInt(totals.records)).toBe(BigInt(ids.length));
  });

  it("should give an export as it comes, and its manifest", async () => {
    const client = createClient({ baseUrl: stage.url });

    const file = await client.history.issuances.export({ format: "csv" });
    const text = await new Response(file.body).text();
    const manifest = await client.exports.manifest(file.id);

    expect(file.fileName).toMatch(/^issuances-\d+\.csv$/);
    expect(text.trimEnd().split("\r\n")).toHaveLength(3);
    expect(JSON.parse(new TextDecoder().decode(manifest.body))).toMatchObject({ id: file.id, rows: "2" });
  });
});

async function balance({ account, key }: TestFirm, batch: string, minBlock?: number): Promise<bigint> {
  const client = createClient({ baseUrl: stage.url, apiKey: key.authorization.slice("Bearer ".length) });
  const { tonnes } = await client.holdings.get(account, batch, minBlock === undefined ? {} : { minBlock });
  return BigInt(tonnes);
}
