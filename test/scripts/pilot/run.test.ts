import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runScenario } from "../../../scripts/pilot/run.js";
import { loadScenario } from "../../../scripts/pilot/scenario.js";
import { formatSummary } from "../../../scripts/pilot/summary.js";
import {
  startFakeService,
  type FakeAnswer,
  type FakeService,
  type SeenRequest,
} from "../../src/client/fake-service.js";

/** A service that accepts everything but what the scenario wants refused, and breaks down for good after `breakAfter` requests. */
const ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A";
const CHAIN = {
  chainId: 31337,
  genesisHash: `0x${"01".repeat(32)}`,
  head: { number: 9, hash: `0x${"09".repeat(32)}` },
  contracts: { intents: ADDRESS, registry: ADDRESS },
  roles: { registrar: [ADDRESS, ADDRESS], verifier: [ADDRESS], "compliance-officer": [ADDRESS] },
};

const scenario = loadScenario();
let folder: string;
let service: FakeService;
let apiKeys: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pilot-run-"));
  apiKeys = 0;
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
  if (request.path === "/v1/api-keys") return { status: 201, body: { key: `cl_${(apiKeys += 1)}_secret` } };
  if (request.method === "GET") return { body: { items: [], next: null } };
  const key = keyOf(request);
  if (/:(refused|revoked)-transfer-\d+$/.test(key)) return problem(422, "participant-not-active");
  return { body: { id: key, kind: "fake", status: "final", result: resultFor(request) } };
}

function resultFor(request: SeenRequest): Record<string, unknown> {
  const body = request.body as { account?: string };
  const id = `0x${"05".repeat(32)}`;
  return {
    participantId: 1,
    account: body.account ?? ADDRESS,
    statementId: id,
    issuanceId: id,
    retirementId: "1",
    cancellationId: "1",
  };
}

function problem(status: number, code: string): FakeAnswer {
  const body = { type: "about:blank", title: code, status, detail: code, code, retryable: false, remedy: "" };
  return { status, body };
}

function keyOf(request: SeenRequest): string {
  return String(request.headers["idempotency-key"]);
}

/** Body by idempotency key. */
function writes(): Map<string, string> {
  const acts = service.seen.filter((one) => one.method === "POST" && one.path !== "/v1/api-keys");
  return new Map(acts.map((one) => [keyOf(one), JSON.stringify(one.body)]));
}

describe("a run of the pilot scenario", () => {
  it("plays every step once and says how far it is", async () => {
    const { lines, summary } = await run();
    const { refusals } = await summary;

    const { organisations, projects, batches, acts } = scenario;
    const steps = organisations.length + projects.length + 3 * batches.length + acts.length;
    expect(lines).toHaveLength(steps);
    expect(lines[0]).toMatch(new RegExp(`^\\[  1/${steps}\\] Admitted `));
    expect(writes().size).toBe(steps + 2 * projects.length + 1);
    expect(refusals.map((one) => one.code)).toEqual(["participant-not-active", "participant-not-active"]);
  });

  it("signs for firms with their own keys, and sends no key for them", async () => {
    const { summary } = await run();
    await summary;

    const signed = service.seen.filter((one) => JSON.stringify(one.body ?? "").includes('"signature"'));
    expect(signed.length).toBeGreaterThan(5);
    for (const one of signed) expect(one.headers.authorization).toBeUndefined();
  });

  it.each([3, 20, 60, 140])(
    "given a breakdown after %i requests, it should go on with the same keys",
    async (count) => {
      const first = await run(count);
      await expect(first.summary).rejects.toThrow(/broken-down/);
      const before = writes();
      await service.close();

      const second = await run();
      await second.summary;

      const after = writes();
      for (const [key, body] of before) expect(after.get(key), key).toBe(body);
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
    expect(formatSummary(summary).join("\n")).toContain(`${service.baseUrl}/v1/retirements`);
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
