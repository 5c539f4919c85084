import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getAddress, toBeHex } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { MarketAct } from "../../../scripts/pilot/exchange-scenario.js";
import { runScenario } from "../../../scripts/pilot/run.js";
import { loadScenario } from "../../../scripts/pilot/scenario.js";
import { DEFAULT_URL } from "../../../src/cli/io.js";
import { formatSummary } from "../../../scripts/pilot/summary.js";
import {
  startFakeService,
  type FakeAnswer,
  type FakeService,
  type SeenRequest,
} from "../../src/client/fake-service.js";
import { createFakeExchange, SINGLE_APPROVAL_LIMIT } from "./fake-exchange.js";

/** A service that accepts everything but what the scenario wants refused, and breaks down for good after `breakAfter` requests. */
const ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A";
const CHAIN = {
  chainId: 31337,
  genesisHash: `0x${"01".repeat(32)}`,
  head: { number: 9, hash: `0x${"09".repeat(32)}` },
  contracts: { intents: ADDRESS, registry: ADDRESS, exchange: ADDRESS },
  roles: {
    registrar: [ADDRESS, ADDRESS],
    verifier: [ADDRESS],
    "compliance-officer": [ADDRESS],
    "exchange-operator": [ADDRESS],
    "settlement-bank": [ADDRESS, ADDRESS],
  },
};

const scenario = loadScenario();
const { market } = scenario;
const bids = market.acts.flatMap((act) => (act.kind === "auction" ? act.bids : []));
const REGISTRY_STEPS =
  scenario.organisations.length + scenario.projects.length + 3 * scenario.batches.length + scenario.acts.length;
const OPENING_STEPS = 2 * market.instruments.length + 2 * market.money.length + market.deliveries.length;
const LARGE_DEPOSITS = market.money.filter(({ amount }) => BigInt(amount) > SINGLE_APPROVAL_LIMIT).length;
/** All requests that change something: two more for each project's status, one for a revocation, one for each second approval. */
const WRITES =
  REGISTRY_STEPS +
  2 * scenario.projects.length +
  1 +
  OPENING_STEPS +
  LARGE_DEPOSITS +
  market.acts.reduce((sum, act) => sum + writesOf(act), 0);

let folder: string;
let service: FakeService;
/** All of it outlives the service, as what is on a chain does. */
let exchange: ReturnType<typeof createFakeExchange>;
let apiKeys: number;
let accounts: Map<string, { readonly participantId: number; readonly account: string }>;
let accountsOfKeys: Map<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pilot-run-"));
  apiKeys = 0;
  accounts = new Map();
  accountsOfKeys = new Map();
  const accountOf = ({ headers }: SeenRequest): string => accountsOfKeys.get(headers.authorization ?? "") ?? ADDRESS;
  exchange = createFakeExchange({ chainId: CHAIN.chainId, address: ADDRESS, accountOf, waitsFor: bids.length });
});

afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

async function run(breakAfter = Infinity) {
  service = await startFakeService((request, count) =>
    count > breakAfter ? problem(500, "broken-down") : answer(request),
  );
  const lines: string[] = [];
  const summary = runScenario({
    baseUrl: service.baseUrl,
    adminKey: "cl_admin_x",
    scenario,
    keysFile: join(folder, "pilot-keys.json"),
    progress: (line) => lines.push(line),
  });
  return { lines, summary };
}

function answer(request: SeenRequest): FakeAnswer {
  if (request.path === "/v1/chain") return { body: CHAIN };
  if (request.path === "/v1/api-keys") return { status: 201, body: { key: newKey(request) } };
  const traded = exchange.answer(request);
  if (traded !== undefined) return traded;
  if (request.method === "GET") return { body: { items: [], next: null } };
  const key = keyOf(request);
  if (/:(refused|revoked)-transfer-\d+$/.test(key)) return problem(422, "participant-not-active");
  return { body: { id: key, kind: "fake", status: "final", result: resultFor(request) } };
}

function newKey({ body }: SeenRequest): string {
  const key = `cl_${(apiKeys += 1)}_secret`;
  const { participantId } = body as { participantId?: number };
  const owner = [...accounts.values()].find((one) => one.participantId === participantId);
  if (owner !== undefined) accountsOfKeys.set(`Bearer ${key}`, owner.account);
  return key;
}

function resultFor(request: SeenRequest): Record<string, unknown> {
  const id = `0x${"05".repeat(32)}`;
  const results = { statementId: id, issuanceId: id, retirementId: "1", cancellationId: "1" };
  return request.path === "/v1/participants" ? admitted(request) : results;
}

/** Each firm has an account of its own, as it brings it or as it is made for it. */
function admitted(request: SeenRequest) {
  const participantId = accounts.size + 1;
  const { account = getAddress(toBeHex(participantId, 20)) } = request.body as { account?: string };
  const one = accounts.get(keyOf(request)) ?? { participantId, account };
  accounts.set(keyOf(request), one);
  return one;
}

/** Over all runs on this chain. */
function expectOnce(): void {
  const count = (...kinds: MarketAct["kind"][]): number =>
    market.acts.filter(({ kind }) => kinds.includes(kind)).length;
  expect(exchange.kept).toEqual({
    cancellations: count("order-cancellation"),
    confirmations: count("deal", "failed-settlement"),
  });
  expect(exchange.auctions.size).toBe(count("auction"));
}

function problem(status: number, code: string): FakeAnswer {
  const body = { type: "about:blank", title: code, status, detail: code, code, retryable: false, remedy: "" };
  return { status, body };
}

function keyOf(request: SeenRequest): string {
  return String(request.headers["idempotency-key"]);
}

/** What makes it the same request when it is sent again: its key, or, on the exchange, the nonce of what is signed. */
function identityOf(request: SeenRequest): string {
  if (request.headers["idempotency-key"] !== undefined) return keyOf(request);
  const body = request.body as Record<string, { nonce?: string } | undefined> & { nonce?: string };
  return `${request.path} ${body["order"]?.nonce ?? body["deal"]?.nonce ?? body.nonce ?? ""}`;
}

function sent(): SeenRequest[] {
  return service.seen.filter((one) => one.method === "POST" && one.path !== "/v1/api-keys");
}

/** Body by identity. The times of an auction are those of the announcement that was heard. */
function writes(): Map<string, string> {
  const withoutTimes = (name: string, value: unknown) => (/^(opens|closes)At$/.test(name) ? undefined : value);
  return new Map(sent().map((one) => [identityOf(one), JSON.stringify(one.body, withoutTimes)]));
}

/** How many requests, apart from reading, an act on the exchange takes; a cancellation is no POST. */
function writesOf(act: MarketAct): number {
  switch (act.kind) {
    case "order-cancellation":
      return 0;
    case "deal":
      return 2;
    case "auction":
      return 1 + act.bids.length;
    case "failed-settlement":
      return 3;
    default:
      return 1;
  }
}

describe("a run of the pilot scenario", () => {
  it("plays every step once and says how far it is", async () => {
    const { lines, summary } = await run();
    const { refusals } = await summary;

    const steps = REGISTRY_STEPS + OPENING_STEPS + market.acts.length + 1;
    expect(lines).toHaveLength(steps);
    expect(lines[0]).toMatch(new RegExp(`^\\[  1/${steps}\\] Admitted `));
    expect(lines.at(-1)).toContain("settled");
    expect(writes().size).toBe(WRITES);
    expect(sent()).toHaveLength(WRITES);
    expectOnce();
    expect(refusals.map((one) => one.code)).toEqual(["participant-not-active", "participant-not-active"]);
  });

  it("signs for firms with their own keys, and sends no key for them", async () => {
    const { summary } = await run();
    await summary;

    const signed = service.seen.filter((one) => JSON.stringify(one.body ?? "").includes('"signature"'));
    expect(signed.length).toBeGreaterThan(5);
    for (const one of signed) expect(one.headers.authorization).toBeUndefined();
  });

  it.each([3, 60, 140, 204, 226, 238, 247])(
    "given a breakdown after %i requests, it should go on with the same keys",
    async (count) => {
      const first = await run(count);
      await expect(first.summary).rejects.toThrow(/broken-down/);
      const before = writes();
      await service.close();

      const second = await run();
      await second.summary;

      const after = writes();
      // What the service knows to be done is not asked for again.
      for (const [key, body] of before) expect([body, undefined], key).toContain(after.get(key));
      expect(new Set([...before.keys(), ...after.keys()]).size).toBe(WRITES);
      expectOnce();
    },
  );

  it("given a completed run, it should do nothing again but tell the summary", async () => {
    const first = await run();
    const firstSummary = await first.summary;
    await service.close();

    const second = await run();
    const summary = await second.summary;

    expect(second.lines).toEqual([]);
    expect(writes().size).toBe(0);
    expect(summary.refusals).toEqual(firstSummary.refusals);
    expect(summary.keys).toEqual(firstSummary.keys);
    const told = formatSummary(summary).join("\n");
    expect(told).toContain(`${service.baseUrl}/v1/retirements`);
    expect(told).not.toContain("certificate.pdf");
    const withCertificate = formatSummary({ ...summary, lastRetirementId: "12" }).join("\n");
    expect(withCertificate).toContain(
      `npm run carbon -- --url ${service.baseUrl} certificate 12 --out certificate.pdf`,
    );
    expect(withCertificate).toContain("npm run carbon -- verify certificate.pdf --trust carbon-trust.json");
    const usual = formatSummary({ ...summary, lastRetirementId: "12", baseUrl: DEFAULT_URL }).join("\n");
    expect(usual).toContain("npm run carbon -- certificate 12 --out certificate.pdf");
  });

  it("given an act that should be refused but is not, it should stop", async () => {
    const tolerant = (request: SeenRequest): FakeAnswer =>
      keyOf(request).includes("refused-transfer")
        ? { body: { id: "x", kind: "transfer", status: "final", result: {} } }
        : answer(request);
    service = await startFakeService(tolerant);

    await expect(
      runScenario({
        baseUrl: service.baseUrl,
        adminKey: "cl_admin_x",
        scenario,
        keysFile: join(folder, "pilot-keys.json"),
        progress: () => undefined,
      }),
    ).rejects.toThrow(/should have been refused/);
  });
});
