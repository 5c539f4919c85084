import { describe, expect, it } from "vitest";

import { createClient, isProblem, type ClientOptions } from "../../../src/client/index.js";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

type Answer = { readonly status?: number; readonly body?: unknown; readonly retryAfter?: string } | Error;

const LOST = new TypeError("fetch failed", { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
const REFUSED = new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) });

/** A client of a service that answers so, one answer a request, the last one for ever. */
function given(answers: readonly Answer[], options: Partial<ClientOptions> = {}) {
  const seen: Seen[] = [];
  const pauses: number[] = [];
  const client = createClient({
    baseUrl: "http://service.example",
    attempts: 4,
    sleep: async (milliseconds) => void pauses.push(milliseconds),
    random: () => 0,
    fetch: async (url, init) => {
      const { pathname, search } = new URL(url);
      const text = init?.body as string | undefined;
      const body = text === undefined ? undefined : (JSON.parse(text) as unknown);
      seen.push({ method: init?.method ?? "", path: pathname + search, body });
      const answer = answers[Math.min(seen.length, answers.length) - 1] ?? {};
      if (answer instanceof Error) throw answer;
      const headers = answer.retryAfter === undefined ? {} : { "retry-after": answer.retryAfter };
      return Response.json(answer.body ?? {}, { status: answer.status ?? 200, headers });
    },
    ...options,
  });
  return { client, seen, pauses };
}

const problem = (code: string, status: number, retryable = false) => ({
  status,
  body: { type: "about:blank", title: code, status, detail: code, code, retryable, remedy: "" },
});

describe("a repetition", () => {
  it("should come after pauses that double", async () => {
    const { client, pauses } = given([LOST, LOST, LOST, {}]);

    await client.chain.get();

    expect(pauses).toEqual([200, 400, 800]);
  });

  it("should never come before the time that the service named, and not at all when that is far", async () => {
    const soon = given([{ ...problem("too-many-requests", 429, true), retryAfter: "3" }, {}], { random: () => 1 });
    await soon.client.chain.get();
    expect(soon.pauses).toEqual([expect.closeTo(3300)]);

    const far = given([{ ...problem("shutting-down", 503, true), retryAfter: "3600" }]);
    await expect(far.client.chain.get()).rejects.toMatchObject({ code: "shutting-down", retryAfterSeconds: 3600 });
    expect(far.seen).toHaveLength(1);
  });

  it.each([[502], [503], [504]])("should follow what a proxy answers with %d", async (status) => {
    const { client, seen } = given([{ status, body: "<html>" }, {}]);

    await client.chain.get();

    expect(seen).toHaveLength(2);
  });

  it.each([
    ["when the answer was lost", LOST, 1],
    ["when a proxy gave up waiting", problem("unexpected-answer", 504, true), 1],
    ["but when it never arrived", REFUSED, 2],
    ["but when it was turned away at the door", problem("too-many-requests", 429, true), 2],
  ])("should not come of what nothing tells apart, %s", async (_when, first, times) => {
    const { client, seen } = given([first, { body: { id: "wh_1", secret: "s" } }]);

    await client.webhooks.create({ url: "https://a.example" }).catch((error: unknown) => error);

    expect(seen).toHaveLength(times);
  });

  it("should not take away what was placed meanwhile", async () => {
    const { client, seen } = given([LOST, { body: { cancelled: 1 } }]);

    await expect(client.orders.cancelAll()).rejects.toMatchObject({ name: "ApiUnreachable" });
    await client.orders.cancelAll({}, { intent: {}, signature: "0x" });

    expect(seen).toHaveLength(2);
  });

  it("should end with the caller's patience", async () => {
    const enough = new AbortController();
    const { client, seen } = given([LOST], { sleep: async () => enough.abort(new Error("enough")) });

    await expect(client.projects.list({ signal: enough.signal })).rejects.toThrow("enough");

    expect(seen.map(({ path }) => path)).toEqual(["/v1/projects"]);
  });

  it("should find done what an earlier try did, and else say what it found", async () => {
    const notOpen = problem("deal-not-open", 409);
    const deal = (status: string) => ({ body: { id: "d", status } });

    const done = given([LOST, notOpen, deal("confirmed")]);
    expect((await done.client.deals.confirm("d")).status).toBe("confirmed");
    const other = given([LOST, notOpen, deal("cancelled")]);
    await expect(other.client.deals.confirm("d")).rejects.toMatchObject({ code: "deal-not-open" });
    const first = given([notOpen, deal("confirmed")]);
    await expect(first.client.deals.confirm("d")).rejects.toMatchObject({ code: "deal-not-open" });
  });
});

describe("an order of a managed account", () => {
  const order = { account: "0x1", batch: "B", side: "buy", tonnes: 1n, limitPrice: 5n, expiresAt: 9n } as const;

  it("should have one nonce for all tries", async () => {
    const { client, seen } = given([{ body: { nonce: "7" } }, LOST, { body: { id: "o" } }]);

    await client.orders.place(order);
    await client.orders.place(order);

    expect(seen.map(({ path }) => path)).toEqual([
      "/v1/orders/next-nonce?account=0x1&batch=B",
      ...Array(3).fill("/v1/orders"),
    ]);
    expect(seen.slice(1).map(({ body }) => (body as { nonce: string }).nonce)).toEqual(["7", "7", "8"]);
  });

  it("should get another one when somebody else took it meanwhile", async () => {
    const used = problem("order-nonce-used", 409);
    const { client, seen } = given([{ body: { nonce: "7" } }, used, { body: { nonce: "9" } }, { body: { id: "o" } }]);

    await client.orders.place(order);

    expect((seen.at(-1)?.body as { nonce: string }).nonce).toBe("9");
    expect(seen).toHaveLength(4);
  });
});

describe("waiting for an operation", () => {
  it("should say what it was last when the time is over, and need no more than its id", async () => {
    const { client, seen } = given([{ body: { id: "0xa", status: "sent" } }]);

    const late: unknown = await client.operations.settle("0xa", 0).catch((error: unknown) => error);

    expect(late).toMatchObject({ name: "OperationPending", operation: { status: "sent" } });
    expect(seen[0]?.path).toBe("/v1/operations/0xa");
  });
});

describe("a list", () => {
  it("should not be read for ever when it does not go on", async () => {
    const { client, seen } = given([{ body: { items: [1], next: "same" } }]);

    await expect(all(client.projects.all())).rejects.toThrow(/same page/);

    expect(seen).toHaveLength(2);
  });

  it("should show one moment of the past on all pages", async () => {
    const page = (next: string | null) => ({ body: { asOf: { block: 12 }, items: [1], next } });
    const { client, seen } = given([page("n"), page(null)]);

    await all(client.asOf.supply.all());

    expect(seen.map(({ path }) => path)).toEqual(["/v1/as-of/supply", "/v1/as-of/supply?cursor=n&block=12"]);
  });
});

describe("a problem", () => {
  it("should be told from other errors, and by its code", async () => {
    const { client } = given([problem("not-found", 404)]);
    const error: unknown = await client.projects.get("P").catch((caught: unknown) => caught);

    expect([isProblem(error), isProblem(error, "not-found"), isProblem(error, "forbidden")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isProblem(new Error("not-found"))).toBe(false);
  });
});

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
}
