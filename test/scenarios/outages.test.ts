import { id, Wallet } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { batchIdOf } from "../../src/chain/codes.js";
import { createConnection, type Connection } from "../../src/chain/connection.js";
import type { TransferIntentJson } from "../../src/chain/intent-json.js";
import type { TypedDataSigner } from "../../src/chain/intents.js";
import { NONSENSE_MOODS, startFaultyNode, type FaultyNode } from "../support/faulty-node.js";
import type { TestAnswer } from "../support/http.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../support/service.js";

const BATCH = "OUTAGE-2024";
const batchId = batchIdOf(BATCH);
const WAIT = { prefer: "wait=30" };
/** How long the service gives the node, in milliseconds. */
const PATIENCE = 500;

let stage: TestService;
let node: FaultyNode;
let connection: Connection;
let seller: SelfCustodyFirm;
let buyer: SelfCustodyFirm;

beforeAll(async () => {
  stage = await startTestService({
    async connect(chain) {
      node = await startFaultyNode(chain, 2 * PATIENCE);
      connection = createConnection({ urls: [node.url], timeoutMs: PATIENCE });
      return connection;
    },
  });
  seller = await stage.firm();
  buyer = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: seller.account, tonnes: 100_000 });
  await stage.synced();
});
afterAll(async () => {
  await node.become("well");
  await stage.close();
  connection.close();
  await node.close();
});
beforeEach(() => node.become("well"));

interface Party {
  readonly account: string;
  readonly wallet: TypedDataSigner;
}

function signed(differences: Partial<TransferIntentJson> = {}, { account, wallet }: Party = seller) {
  const order = { ...freshTerms(account), to: buyer.account, batch: BATCH, tonnes: "1", blocks: [], ...differences };
  return signedBody("transfer", order, wallet, stage.domain);
}

function expectUnavailable(answer: TestAnswer, code: string): void {
  expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([503, code, true]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
}

/** Long enough for several attempts of the outbox to meet the node as it is. */
function outboxTries(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}

/** How often the chain executed an intent. */
async function executions(hash: string): Promise<number> {
  const { intents } = stage.ledger;
  return (await intents.queryFilter(intents.filters.IntentExecuted(hash))).length;
}

async function expectReady(): Promise<void> {
  await expect.poll(async () => (await stage.get("/health/ready")).status, { timeout: 20_000 }).toBe(200);
}

/** Its end, and that it came once. */
async function expectFinalOnce(id: string): Promise<void> {
  const ended = await stage.get(`/v1/operations/${id}`, WAIT);
  expect(ended.body).toMatchObject({ id, status: "final", problem: null });
  expect(await executions(id)).toBe(1);
}

describe.each(["refusing", "hanging", "late", ...NONSENSE_MOODS] as const)(
  "given a node that answers with %j",
  (mood) => {
    it("should take a signed intent all the same, and bring it to its end once, when the node is well", async () => {
      const { body, hash } = await signed();
      await node.become(mood);

      const accepted = await stage.post("/v1/transfers", body, { "idempotency-key": hash });
      expect([accepted.status, accepted.body.id]).toEqual([202, hash]);
      await outboxTries();
      const waited = await stage.get(`/v1/operations/${hash}`);
      expect(waited.body).toMatchObject({ id: hash, problem: null });
      expect(waited.body.status).not.toBe("rejected");

      await node.become("well");
      await expectFinalOnce(hash);
      const again = await stage.post("/v1/transfers", body, { "idempotency-key": hash });
      expect(again.body).toMatchObject({ id: hash, status: "final" });
      await expectReady();
    });

    it("should say 503 and when to come back where only the chain knows, and tell what it waits for", async () => {
      await node.become(mood);

      expectUnavailable(await stage.get("/v1/chain"), "chain-unavailable");
      const ready = await stage.get("/health/ready");
      expect([ready.status, ready.body.status]).toEqual([503, "waiting"]);
      expect(ready.body.waitingFor).toContainEqual(expect.stringMatching(/^chain: /));
      expect((await stage.get("/health/live")).status).toBe(200);
      expect((await stage.get(`/v1/holdings/${seller.account}/${BATCH}`, seller.key)).status).toBe(200);

      await node.become("well");
      await expectReady();
      await expect.poll(async () => (await stage.get("/v1/chain")).status, { timeout: 20_000 }).toBe(200);
    });

    it("should not judge a signature that only the chain could explain, and accept nothing", async () => {
      const { body, hash } = await signed({}, { account: seller.account, wallet: buyer.wallet });
      await node.become(mood);

      expectUnavailable(await stage.post("/v1/transfers", body), "chain-unavailable");

      await node.become("well");
      expect((await stage.get(`/v1/operations/${hash}`)).status).toBe(404);
      await expect
        .poll(async () => (await stage.post("/v1/transfers", body)).body.code as unknown, { timeout: 20_000 })
        .toBe("intent-signature-invalid");
    });
  },
);

describe("given a node that is gone for a while", () => {
  it("should ask the firm with a wallet contract to come back, and take the same request then", async () => {
    const wallet = await stage.ledger.ethers.deployContract("WalletMock", [seller.account]);
    const account = await wallet.getAddress();
    await stage.firm({ ...seller.wallet, address: account });
    await stage.post("/v1/transfers", (await signed({ to: account, tonnes: "5" })).body, WAIT);
    const { body, hash } = await signed({ tonnes: "5" }, { account, wallet: seller.wallet });

    await node.become("refusing");
    expectUnavailable(await stage.post("/v1/transfers", body), "chain-unavailable");
    await node.become("well");
    await expect
      .poll(async () => (await stage.post("/v1/transfers", body)).status, { timeout: 20_000 })
      .toBeLessThan(300);
    await expectFinalOnce(hash);
  });

  it("should keep the acts of managed accounts and of officers, and carry each out once", async () => {
    const firm = await stage.managedFirm();
    const officer = await stage.officerKey("compliance-officer", "compliance1");
    await stage.post("/v1/transfers", (await signed({ to: firm.account, tonnes: "9" })).body, WAIT);

    await node.become("refusing");
    const order = { to: buyer.account, batch: BATCH, tonnes: "2" };
    const keyed = { ...firm.key, "idempotency-key": "while-down" };
    const transfer = await stage.post("/v1/transfers", order, keyed);
    const repeated = await stage.post("/v1/transfers", order, keyed);
    const freeze = await stage.post(`/v1/holdings/${firm.account}/${BATCH}/freeze`, { tonnes: "3" }, officer);
    expect([transfer.status, repeated.status, freeze.status]).toEqual([202, 202, 202]);
    expect(repeated.body.id).toBe(transfer.body.id);

    await node.become("well");
    await expectFinalOnce(transfer.body.id);
    const frozen = await stage.get(`/v1/operations/${freeze.body.id}`, { ...WAIT, ...officer });
    expect(frozen.body.status).toBe("final");
    const holding = await stage.get(`/v1/holdings/${firm.account}/${BATCH}`, firm.key);
    expect(holding.body).toMatchObject({ tonnes: "7", frozenTonnes: "3" });
  });

  it.each(["refusing", "an internal error", "late"] as const)(
    "should keep a raw transaction while it is %j, and pass it on once",
    async (mood) => {
      const raw = await rawAdmission();
      await node.become(mood);
      const accepted = await stage.post("/v1/transactions", { raw });
      expect([accepted.status, accepted.body.kind]).toEqual([202, "raw"]);
      await outboxTries();
      expectUnavailable(await stage.get(`/v1/transactions/${accepted.body.id}`), "chain-unavailable");

      await node.become("well");
      expect((await stage.get(`/v1/operations/${accepted.body.id}`, WAIT)).body.status).toBe("final");
      await expectReady();
      expect((await stage.get(`/v1/transactions/${accepted.body.id}`)).body.status).toBe("final");
    },
  );

  it("should bring a hundred intents that were sent through ups and downs to their end once each", async () => {
    const before = await stage.ledger.units.balanceOf(buyer.account, batchId);
    const intents = await Promise.all(Array.from({ length: 100 }, () => signed()));
    const answers: TestAnswer[] = [];
    const moods = [
      "refusing",
      "well",
      "late",
      "well",
      "hanging",
      "well",
      "a broken gateway",
      "well",
      "late",
      "well",
    ] as const;
    for (const [round, mood] of moods.entries()) {
      await node.become(mood);
      const some = intents.slice(10 * round, 10 * (round + 1));
      answers.push(...(await Promise.all(some.map(({ body }) => stage.post("/v1/transfers", body)))));
    }
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    for (const { hash } of intents) await expectFinalOnce(hash);
    expect(await stage.ledger.units.balanceOf(buyer.account, batchId)).toBe(before + 100n);
  });
});

/** A registrar's own transaction, which admits a firm. */
async function rawAdmission(): Promise<string> {
  const { parts, participants, chainId } = stage.ledger;
  const account = Wallet.createRandom();
  const taxCode = `31${account.address.slice(2).replace(/\D/g, "").padEnd(8, "0").slice(0, 8)}`;
  const { to, data } = await participants.admit.populateTransaction(taxCode, 2, 4_000_000_000, id(taxCode), account);
  const nonce = await parts.registrar1.getNonce();
  const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 0n };
  return stage.keys.registrar1.signTransaction({ type: 2, to, data, nonce, chainId, gasLimit: 500_000, ...fees });
}

describe("given a node that is not there when the service starts", () => {
  it("should start all the same, say what it waits for, and serve when the node has come", async () => {
    let late: FaultyNode | undefined;
    let waiting: Connection | undefined;
    const other = await startTestService({
      async connect(chain) {
        late = await startFaultyNode(chain, PATIENCE);
        await late.become("refusing");
        waiting = createConnection({ urls: [late.url], timeoutMs: PATIENCE });
        return waiting;
      },
    });
    const ready = await other.get("/health/ready");
    expect([ready.status, ready.body.status]).toEqual([503, "waiting"]);
    expect((await other.get("/health/live")).status).toBe(200);
    expect((await other.get("/v1/projects")).status).toBe(200);

    await late?.become("well");
    await expect.poll(async () => (await other.get("/health/ready")).status, { timeout: 20_000 }).toBe(200);
    const firm = await other.firm();
    expect((await other.get(`/v1/participants/${firm.id}`)).status).toBe(200);
    await other.close();
    waiting?.close();
    await late?.close();
  });
});
