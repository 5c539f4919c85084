import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { faultyPGlite, faultyPostgres, type FaultyDatabase } from "../support/faulty-database.js";
import type { TestAnswer } from "../support/http.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../support/service.js";

const BATCH = "OUTAGE-2024";
const WAIT = { prefer: "wait=30" };

const server = process.env["TEST_DATABASE_URL"] ?? "";
const engines: [string, () => Promise<FaultyDatabase>][] = [
  ["PGlite", faultyPGlite],
  ...(server === ""
    ? []
    : [["PostgreSQL", () => faultyPostgres(server)] satisfies [string, () => Promise<FaultyDatabase>]]),
];

interface Stage extends TestService {
  readonly seller: SelfCustodyFirm;
  readonly buyer: SelfCustodyFirm;
}

async function startStage({ database }: FaultyDatabase): Promise<Stage> {
  const stage = await startTestService({ database });
  const [seller, buyer] = [await stage.firm(), await stage.firm()];
  await stage.ledger.issueBatch({ code: BATCH, recipient: seller.account, tonnes: 1_000 });
  await stage.synced();
  return { ...stage, seller, buyer };
}

function signedTransfer({ seller, buyer, domain }: Stage) {
  const intent = { ...freshTerms(seller.account), to: buyer.account, batch: BATCH, tonnes: "1", blocks: [] };
  return signedBody("transfer", intent, seller.wallet, domain);
}

function expectUnavailable(answer: TestAnswer): void {
  expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([503, "database-unavailable", true]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
}

async function expectFinalOnce({ ledger: { intents }, get }: Stage, hash: string): Promise<void> {
  expect((await get(`/v1/operations/${hash}`, WAIT)).body).toMatchObject({ status: "final", problem: null });
  expect(await intents.queryFilter(intents.filters.IntentExecuted(hash))).toHaveLength(1);
}

describe.each(engines)("given a database (%s) that goes down", (_engine, open) => {
  let faulty: FaultyDatabase;
  let stage: Stage;

  beforeAll(async () => {
    faulty = await open();
    stage = await startStage(faulty);
  });
  afterAll(async () => {
    await stage.close();
    await faulty.close();
  });
  afterEach(async () => {
    stage.connection.faults.isDown = false;
    await expect.poll(async () => (await stage.get("/health/ready")).status, { timeout: 20_000 }).toBe(200);
  });

  it("should say 503 and when to come back, and live on", async () => {
    await faulty.goDown();
    expectUnavailable(await stage.get("/v1/participants"));
    expectUnavailable(await stage.get(`/v1/holdings/${stage.seller.account}/${BATCH}`, stage.seller.key));
    expectUnavailable(await stage.get("/v1/chain"));
    expectUnavailable(await stage.post("/v1/api-keys", { scope: "auditor", label: "x" }, stage.seller.key));

    const ready = await stage.get("/health/ready");
    expect([ready.status, ready.body.status]).toEqual([503, "waiting"]);
    expect(ready.body.waitingFor).toContainEqual(expect.stringMatching(/^database: /));
    for (const path of ["/health/live", "/metrics", "/openapi.json", "/v1/errors"]) {
      expect((await stage.get(path)).status).toBe(200);
    }
    await faulty.comeBack();
  });

  it("should accept nothing, so that the same request, repeated, is done once", async () => {
    const { body, hash } = await signedTransfer(stage);
    const keyed = { "idempotency-key": "again" };
    await faulty.goDown();
    expectUnavailable(await stage.post("/v1/transfers", body, keyed));
    expectUnavailable(await stage.post("/v1/transfers", body, { ...keyed, ...WAIT }));
    await faulty.comeBack();

    expect((await stage.get(`/v1/operations/${hash}`)).status).toBe(404);
    const accepted = await stage.post("/v1/transfers", body, { ...keyed, ...WAIT });
    expect(accepted.body).toMatchObject({ id: hash, status: "final" });
    await expectFinalOnce(stage, hash);
  });

  it("should bring to its end once what was accepted before", async () => {
    const { body, hash } = await signedTransfer(stage);
    stage.connection.faults.isDown = true;
    expect((await stage.post("/v1/transfers", body)).status).toBe(202);
    await faulty.goDown();
    stage.connection.faults.isDown = false;
    expectUnavailable(await stage.get(`/v1/operations/${hash}`, { prefer: "wait=1" }));
    await faulty.comeBack();
    await expectFinalOnce(stage, hash);
  });

  it("given a caller who waits, it should say 503 to the caller and keep what it accepted", async () => {
    const { body, hash } = await signedTransfer(stage);
    stage.connection.faults.isDown = true;
    const waiting = stage.post("/v1/transfers", body, { prefer: "wait=2" });
    await expect.poll(async () => (await stage.get(`/v1/operations/${hash}`)).status).toBe(200);
    await faulty.goDown();
    expectUnavailable(await waiting);
    await faulty.comeBack();
    stage.connection.faults.isDown = false;
    await expectFinalOnce(stage, hash);
  });

  it("should settle once what is on its way in the moment of the outage", async () => {
    const intents = await Promise.all(Array.from({ length: 40 }, () => signedTransfer(stage)));
    const answers: TestAnswer[] = [];
    for (const [place, { body }] of intents.entries()) {
      answers.push(await stage.post("/v1/transfers", body));
      if (place % 10 !== 9) continue;
      await faulty.goDown();
      expectUnavailable(await stage.get("/v1/participants"));
      await faulty.comeBack();
    }
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    for (const { hash } of intents) await expectFinalOnce(stage, hash);
  });
});

const OPERATION = /^Raw.*insert into operations/;
const SIGNED = /^Raw.*with marked as/;
const FATE = /^Raw.*update operations/;
const POSITION = /^Raw.*insert into cursor/;

describe("given a database that loses a statement", () => {
  it.each([
    ["the idempotency key", /^Insert.*idempotency_keys/],
    ["the operation", OPERATION],
  ])("of %s, it should write neither, and do the repeated request once", async (_what, statement) => {
    const faulty = await faultyPGlite();
    const stage = await startStage(faulty);
    const { body, hash } = await signedTransfer(stage);
    const keyed = { "idempotency-key": "half" };

    faulty.losesStatements((text) => statement.test(text));
    expectUnavailable(await stage.post("/v1/transfers", body, keyed));
    faulty.losesStatements(undefined);

    expect(await stage.db.selectFrom("idempotency_keys").selectAll().execute()).toEqual([]);
    expect(await stage.db.selectFrom("operations").selectAll().execute()).toEqual([]);
    expect((await stage.post("/v1/transfers", body, { ...keyed, ...WAIT })).body.status).toBe("final");
    await expectFinalOnce(stage, hash);
    await stage.close();
  });

  it.each([
    ["the read model's position", POSITION],
    ["an operation's fate", FATE],
    ["a signed transaction", SIGNED],
  ])("of %s, it should go on when that works again, once", async (_what, statement) => {
    const faulty = await faultyPGlite();
    const stage = await startStage(faulty);
    const { body, hash } = await signedTransfer(stage);
    let lost = 0;

    faulty.losesStatements((text) => statement.test(text) && ++lost <= 3);
    expect((await stage.post("/v1/transfers", body)).status).toBe(202);
    await expectFinalOnce(stage, hash);
    expect(lost).toBeGreaterThan(3);
    await stage.close();
  });
});

describe("given a database that commits and cannot say so", () => {
  it("of the operation, it should take the repeated request for the same", async () => {
    const faulty = await faultyPGlite();
    const stage = await startStage(faulty);
    const { body, hash } = await signedTransfer(stage);
    const keyed = { "idempotency-key": "unsure" };

    faulty.losesCommits((text) => OPERATION.test(text));
    expectUnavailable(await stage.post("/v1/transfers", body, keyed));
    faulty.losesCommits(undefined);

    expect((await stage.post("/v1/transfers", body, { ...keyed, ...WAIT })).body).toMatchObject({ id: hash });
    await expectFinalOnce(stage, hash);
    await stage.close();
  });

  it.each([
    ["the read model's position", POSITION],
    ["an operation's fate", FATE],
    ["a signed transaction", SIGNED],
  ])("of %s, it should find out, and go on once", async (_what, statement) => {
    const faulty = await faultyPGlite();
    const stage = await startStage(faulty);
    const { body, hash } = await signedTransfer(stage);
    let lost = 0;

    faulty.losesCommits((text) => statement.test(text) && ++lost <= 1);
    expect((await stage.post("/v1/transfers", body)).status).toBe(202);
    await expectFinalOnce(stage, hash);
    expect(lost).toBeGreaterThan(0);
    await stage.close();
  });
});
