import { afterEach, describe, expect, it } from "vitest";

import { createClient, type Client } from "../../../src/client/client.js";
import { ApiProblem, ApiUnreachable } from "../../../src/client/problem.js";
import type { Operation, ProblemDocument } from "../../../src/client/types.js";
import { startFakeService, type FakeAnswer, type FakeService, type SeenRequest } from "./fake-service.js";

let service: FakeService;
let pauses: number[];

afterEach(() => service.close());

async function given(answer: (request: SeenRequest, count: number) => FakeAnswer, apiKey?: string): Promise<Client> {
  service = await startFakeService(answer);
  pauses = [];
  return createClient({
    baseUrl: service.baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
    attempts: 3,
    sleep: async (milliseconds) => void pauses.push(milliseconds),
    random: () => 0,
  });
}

const problem: ProblemDocument = {
  type: "about:blank",
  title: "Balance too small",
  status: 422,
  detail: "The account holds 5 tonnes.",
  code: "insufficient-balance",
  retryable: false,
  remedy: "Ask for less.",
  operationId: "op-1",
};

const { operationId: _none, ...withoutOperation } = problem;
const unavailable: ProblemDocument = { ...withoutOperation, status: 503, code: "chain-unavailable", retryable: true };

function operation(over: Partial<Operation>): Operation {
  return {
    id: "op-1",
    kind: "transfer",
    status: "final",
    account: null,
    participantId: null,
    role: null,
    intentHash: null,
    txHash: null,
    blockNumber: 7,
    result: { transferId: "7-0" },
    problem: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    links: { self: "/v1/operations/op-1", transaction: null, result: "/v1/transfers/7-0" },
    ...over,
  };
}

describe("a read", () => {
  it("asks for the path and the filters that were given, with the key", async () => {
    const client = await given(() => ({ body: { items: [], next: null } }), "cl_a_b");

    await client.retirements.list({ batch: "VN-VCS-1-2020-01", limit: 10, minBlock: 3 });

    expect(service.seen[0]?.path).toBe("/v1/retirements?batch=VN-VCS-1-2020-01&limit=10&minBlock=3");
    expect(service.seen[0]?.headers.authorization).toBe("Bearer cl_a_b");
  });

  it("escapes what it puts into a path", async () => {
    const client = await given(() => ({ body: {} }));

    await client.operations.get("a/b?c");

    expect(service.seen[0]?.path).toBe("/v1/operations/a%2Fb%3Fc");
  });

  it("throws the problem when there is no such thing", async () => {
    const client = await given(() => ({ status: 404, body: { ...problem, status: 404, code: "not-found" } }));

    const failure = await client.participants.get(9).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ApiProblem);
    expect((failure as ApiProblem).code).toBe("not-found");
    expect((failure as ApiProblem).status).toBe(404);
    expect(service.seen).toHaveLength(1);
  });

  it("gives all pages, one request at a time, and no more than are asked for", async () => {
    const client = await given((_request, count) => ({
      body: { items: [{ id: count * 2 - 1 }, { id: count * 2 }], next: count < 3 ? `c${count}` : null },
    }));

    const ids: number[] = [];
    for await (const one of client.participants.all({ status: "active" })) ids.push(one.id);

    expect(ids).toEqual([1, 2, 3, 4, 5, 6]);
    expect(service.seen.map((one) => one.path)).toEqual([
      "/v1/participants?status=active",
      "/v1/participants?status=active&cursor=c1",
      "/v1/participants?status=active&cursor=c2",
    ]);
    for await (const one of client.participants.all()) if (one.id > 0) break;
    expect(service.seen).toHaveLength(4);
  });
});

const FEE = { basisPoints: 25, from: "2030-01-01T00:00:00Z" };

describe("the acts of institutions", () => {
  it.each<[string, (client: Client) => Promise<Operation>, string, unknown]>([
    ["pause", (c) => c.units.pause("theft"), "/v1/pause", { reason: "theft" }],
    ["pause without a reason", (c) => c.units.pause(), "/v1/pause", { reason: null }],
    ["unpause", (c) => c.units.unpause(), "/v1/unpause", {}],
    ["buffer account", (c) => c.bufferAccount.set("0x1"), "/v1/buffer-account", { account: "0x1" }],
    ["its schedule", (c) => c.bufferAccount.schedule("0x1"), "/v1/buffer-account/schedule", { account: "0x1" }],
    ["fee", (c) => c.fees.set(FEE), "/v1/fees", FEE],
    ["its schedule", (c) => c.fees.schedule(FEE), "/v1/fees/schedule", FEE],
    ["fee account", (c) => c.feeAccount.set("0x1"), "/v1/fee-account", { account: "0x1" }],
    ["its schedule", (c) => c.feeAccount.schedule("0x1"), "/v1/fee-account/schedule", { account: "0x1" }],
    ["cancel", (c) => c.scheduledOperations.cancel("0x2"), "/v1/scheduled-operations/0x2/cancel", {}],
    [
      "forced transfer",
      (c) => c.holdings.forceTransfer("0x1", "B", { to: "0x3", tonnes: 5n }),
      "/v1/holdings/0x1/B/forced-transfer",
      { to: "0x3", tonnes: "5" },
    ],
    [
      "its schedule",
      (c) => c.holdings.scheduleForcedTransfer("0x1", "B", { to: "0x3", tonnes: 5n }),
      "/v1/holdings/0x1/B/forced-transfer/schedule",
      { to: "0x3", tonnes: "5" },
    ],
  ])("%s goes to its route", async (_name, act, path, body) => {
    const client = await given(() => ({ body: operation({}) }));

    await act(client);

    expect(service.seen.map((one) => [one.path, one.body])).toEqual([[path, body]]);
  });
});

describe("an act", () => {
  it("sends quantities as decimal strings, whatever their size", async () => {
    const client = await given(() => ({ body: operation({}) }));

    await client.transfers.create({ to: "0x1", batch: "B", tonnes: 2n ** 64n, blocks: [{ start: 1n, end: "2" }] });

    expect(service.seen[0]?.body).toEqual({
      to: "0x1",
      batch: "B",
      tonnes: "18446744073709551616",
      blocks: [{ start: "1", end: "2" }],
    });
  });

  it("carries the key and the wait that were given", async () => {
    const client = await given(() => ({ body: operation({}) }));

    const done = await client.projects.setStatus("VCS-1", "validated", { idempotencyKey: "k1", waitSeconds: 20 });

    expect(done.status).toBe("final");
    expect(service.seen[0]?.path).toBe("/v1/projects/VCS-1/status");
    expect(service.seen[0]?.headers["idempotency-key"]).toBe("k1");
    expect(service.seen[0]?.headers.prefer).toBe("wait=20");
  });

  it("throws the problem of a rejection, with its operation", async () => {
    const client = await given(() => ({ status: 422, body: problem }));

    await expect(client.transfers.create({ to: "0x1", batch: "B", tonnes: 9n })).rejects.toMatchObject({
      code: "insufficient-balance",
      operationId: "op-1",
    });
  });

  it("throws it too when the operation itself says so", async () => {
    const client = await given(() => ({ body: operation({ status: "rejected", problem }) }));

    await expect(client.transfers.create({ to: "0x1", batch: "B", tonnes: 9n })).rejects.toBeInstanceOf(ApiProblem);
  });

  it("is followed until it is final", async () => {
    const client = await given((_request, count) => ({ body: operation({ status: count < 3 ? "sent" : "final" }) }));

    const sent = await client.transfers.create({ to: "0x1", batch: "B", tonnes: 1n });
    const done = await client.operations.settle(sent, 30);

    expect(done.status).toBe("final");
    expect(service.seen.map((one) => `${one.method} ${one.path}`)).toEqual([
      "POST /v1/transfers",
      "GET /v1/operations/op-1",
      "GET /v1/operations/op-1",
    ]);
  });
});

describe("a service in trouble", () => {
  it("given 503 with Retry-After, it should wait that long and repeat the same request", async () => {
    const client = await given((_request, count) =>
      count === 1 ? { status: 503, headers: { "retry-after": "2" }, body: unavailable } : { body: operation({}) },
    );

    await client.retirements.create({ batch: "B", tonnes: 1n, purpose: "voluntary", beneficiary: "X" });

    expect(pauses).toEqual([2000]);
    expect(service.seen[1]?.headers["idempotency-key"]).toBe(service.seen[0]?.headers["idempotency-key"]);
    expect(service.seen[1]?.body).toEqual(service.seen[0]?.body);
  });

  it("given that the first attempt is still being handled, it should ask again", async () => {
    const busy = { ...problem, status: 409, code: "idempotency-in-progress", retryable: true, operationId: undefined };
    const client = await given((_request, count) =>
      count === 1 ? { status: 409, headers: { "retry-after": "1" }, body: busy } : { body: operation({}) },
    );

    await client.transfers.create({ to: "0x1", batch: "B", tonnes: 1n });

    expect(pauses).toEqual([1000]);
  });

  it("given a rejection that another operation might escape, it should not repeat this one", async () => {
    const client = await given(() => ({ status: 503, body: { ...problem, status: 503, retryable: true } }));

    await expect(client.transfers.create({ to: "0x1", batch: "B", tonnes: 1n })).rejects.toBeInstanceOf(ApiProblem);
    expect(service.seen).toHaveLength(1);
  });

  it("given a dropped connection, it should repeat an act under the same key", async () => {
    const client = await given((_request, count) => (count === 1 ? { hangUp: true } : { body: operation({}) }));

    await client.transfers.create({ to: "0x1", batch: "B", tonnes: 1n });

    expect(service.seen).toHaveLength(2);
    expect(service.seen[1]?.headers["idempotency-key"]).toBe(service.seen[0]?.headers["idempotency-key"]);
  });

  it("given no answer at all, it should give up with a clear error after its attempts", async () => {
    const client = await given(() => ({ hangUp: true }));

    const failure = await client.chain.get().catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ApiUnreachable);
    expect((failure as ApiUnreachable).attempts).toBe(3);
    expect(service.seen).toHaveLength(3);
  });

  it("given 503 to the end, it should throw the problem", async () => {
    const client = await given(() => ({ status: 503, body: unavailable }));

    await expect(client.chain.get()).rejects.toMatchObject({ code: "chain-unavailable" });
    expect(pauses).toHaveLength(2);
  });

  it("given an answer that is not the service's, it should say so", async () => {
    const client = await given(() => ({ status: 200, text: "<html>" }));

    await expect(client.chain.get()).rejects.toMatchObject({ code: "unexpected-answer" });
  });

  it("never repeats the making of an API key: each answer is another secret", async () => {
    const client = await given(() => ({ hangUp: true }));

    await expect(client.apiKeys.create({ scope: "auditor", label: "a" })).rejects.toBeInstanceOf(ApiUnreachable);
    expect(service.seen).toHaveLength(1);
  });
});
