import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createClient, type Client } from "../../src/client/client.js";
import { createFirm, createVerifier, type Firm } from "../../src/client/firm.js";
import { addressOf, newPrivateKey } from "../../src/client/keys.js";
import { ApiProblem } from "../../src/client/problem.js";
import type { Operation } from "../../src/client/types.js";
import { startTestService, type TestService } from "../support/service.js";

const WAIT = { waitSeconds: 30 };
const KYC = "2090-01-01T00:00:00.000Z";
const PROJECT = "VN-WIND-7";
const BATCH = "VN-WIND-7-2023";

let stage: TestService;
let open: Client;
let registrar: Client;
let otherRegistrar: Client;
let officer: Client;
let otherOfficer: Client;
let auditor: Client;

beforeAll(async () => {
  stage = await startTestService();
  await stage.synced();
  open = clientOf();
  registrar = clientOf(await stage.officerKey("registrar", "registrar1"));
  otherRegistrar = clientOf(await stage.officerKey("registrar", "registrar2"));
  officer = clientOf(await stage.officerKey("compliance-officer", "compliance1"));
  otherOfficer = clientOf(await stage.officerKey("compliance-officer", "compliance2"));
  auditor = clientOf(await stage.keyOf({ scope: "auditor", label: "auditor" }));
});
afterAll(() => stage.close());

function clientOf(header?: { readonly authorization: string }): Client {
  const apiKey = header?.authorization.replace("Bearer ", "");
  return createClient({ baseUrl: stage.url, ...(apiKey === undefined ? {} : { apiKey }) });
}

/** The value that the operation made known under a name. */
function resultOf(operation: Operation, name: string): string {
  expect(operation).toMatchObject({ status: "final", problem: null });
  return String(operation.result?.[name]);
}

/** Reads right after the act, from the block that it says it is in. */
function since(operation: Operation): { readonly minBlock: number } {
  return { minBlock: operation.blockNumber ?? NaN };
}

async function problemOf(act: Promise<unknown>): Promise<ApiProblem> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiProblem) return error;
  throw new Error("It should have been refused", { cause: error });
}

let taxCodes = 0;

async function admit(name: string, account: { account: string } | { managed: true }): Promise<Operation> {
  taxCodes += 1;
  const taxCode = String(4_000_000_000 + taxCodes);
  return registrar.participants.admit(
    { taxCode, capabilities: ["trade-credits", "develop-projects"], kycExpiresAt: KYC, document: { name }, ...account },
    WAIT,
  );
}

describe("The life of a firm, from its admission to the loss of its key", () => {
  const privateKey = newPrivateKey();
  const account = addressOf(privateKey);
  let firm: Firm;
  let firmId: number;
  let firmKey: Client;
  let trader: { id: number; account: string; client: Client };

  it("given a registrar, it should be admitted, and found at once", async () => {
    const admitted = await admit("Công ty Điện gió Bình Thuận", { account });
    firmId = Number(resultOf(admitted, "participantId"));
    const found = await open.participants.get(firmId, since(admitted));
    expect(found).toMatchObject({
      status: "active",
      name: "Công ty Điện gió Bình Thuận",
      accounts: [{ address: account }],
    });
    firm = createFirm({ client: open, privateKey });
    const key = await stage.keyOf({ scope: "participant", participantId: firmId, label: "firm" });
    firmKey = clientOf(key);

    const other = await admit("Sàn giao dịch Đà Nẵng", { managed: true });
    const id = Number(resultOf(other, "participantId"));
    const [managed] = (await open.participants.accounts(id, since(other))).items;
    const traderKey = await stage.keyOf({ scope: "participant", participantId: id, label: "trader" });
    trader = { id, account: managed?.address ?? "", client: clientOf(traderKey) };
  });

  it("given a project, a statement and two registrars, it should be issued its units", async () => {
    const document = { name: "Điện gió 7", programme: "Gold Standard", registryId: "GS-0007", methodology: "ACM0002" };
    resultOf(
      await registrar.projects.create({ code: PROJECT, ownerId: firmId, bufferBasisPoints: 0, document }, WAIT),
      "code",
    );
    for (const status of ["validated", "registered"] as const) {
      const moved = await registrar.projects.setStatus(PROJECT, status, WAIT);
      expect((await open.projects.get(PROJECT, since(moved))).status).toBe(status);
    }

    const verifier = createVerifier({ client: open, privateKey: stage.keys.verifier.privateKey });
    const period = { periodStart: "2023-01-01", periodEnd: "2023-12-31" };
    const recorded = await verifier.record(
      { projectCode: PROJECT, ...period, verifiedTonnes: 5_000n, reportHash: `0x${"7".repeat(64)}` },
      WAIT,
    );
    const statementId = resultOf(recorded, "statementId");
    expect(await open.statements.get(statementId, since(recorded))).toMatchObject({
      ...period,
      verifiedTonnes: "5000",
    });

    const order = { statementId, batch: BATCH, vintage: 2023, tonnes: 4_000n, recipient: account, document: {} };
    const proposed = await registrar.issuances.propose(order, WAIT);
    const issuanceId = resultOf(proposed, "issuanceId");
    expect((await open.issuances.get(issuanceId, since(proposed))).status).toBe("proposed");
    expect((await problemOf(registrar.issuances.approve(issuanceId, WAIT))).code).toBe("registry-same-registrar");
    const approved = await otherRegistrar.issuances.approve(issuanceId, WAIT);
    expect(await open.batches.get(BATCH, since(approved))).toMatchObject({ issuedTonnes: "4000", heldTonnes: "4000" });
    expect(await firmKey.holdings.get(account, BATCH)).toMatchObject({ tonnes: "4000", frozenTonnes: "0" });
  });

  it("given its own signature, it should transfer; given the service's key, the receiver should", async () => {
    const there = await firm.transfer({ to: trader.account, batch: BATCH, tonnes: 1_500n }, WAIT);
    const transferId = resultOf(there, "transferId");
    expect(await trader.client.transfers.get(transferId, since(there))).toMatchObject({
      from: account,
      to: trader.account,
      tonnes: "1500",
      intentHash: there.id,
    });
    const back = await trader.client.transfers.create({ to: account, batch: BATCH, tonnes: 500n }, WAIT);
    resultOf(back, "transferId");
    expect(await trader.client.holdings.get(trader.account, BATCH, since(back))).toMatchObject({ tonnes: "1000" });

    const sent = await firm.transfer({ to: trader.account, batch: BATCH, tonnes: 1n });
    expect(["accepted", "sent", "final"]).toContain(sent.status);
    resultOf(await open.operations.settle(sent), "transferId");
  });

  it("given the same intent or idempotency key again, it should act once; given another body, it should refuse", async () => {
    const intent = await firm.sign.transfer({ to: trader.account, batch: BATCH, tonnes: 2n });
    const body = { intent: intent.intent, signature: intent.signature };
    const [first, second] = await Promise.all([open.transfers.create(body, WAIT), open.transfers.create(body, WAIT)]);
    expect([first.id, second.id]).toEqual([intent.hash, intent.hash]);
    expect(second.result).toEqual(first.result);

    const order = { to: account, batch: BATCH, tonnes: 3n };
    const keyed = { ...WAIT, idempotencyKey: "order-3" };
    const one = await trader.client.transfers.create(order, keyed);
    const same = await trader.client.transfers.create(order, keyed);
    expect(same).toEqual(one);
    const other = await problemOf(trader.client.transfers.create({ ...order, tonnes: 4n }, keyed));
    expect([other.status, other.code]).toEqual([409, "idempotency-conflict"]);
    expect((await trader.client.holdings.get(trader.account, BATCH, since(one))).tonnes).toBe("1000");
  });

  it("given named serials, it should retire exactly these, with a certificate for everybody", async () => {
    const held: { start: string; end: string }[] = [];
    for await (const block of firmKey.holdings.blocks(account, BATCH)) held.push(block);
    const last = held.at(-1)!;
    const start = BigInt(last.end) - 99n;
    const blocks = [
      { start: BigInt(last.start), end: BigInt(last.start) },
      { start, end: BigInt(last.end) },
    ];
    const retired = await firm.retire(
      {
        batch: BATCH,
        tonnes: 101n,
        blocks,
        purpose: "voluntary",
        beneficiary: "Thành phố Đà Nẵng",
        consumptionCountry: "VN",
      },
      WAIT,
    );
    const id = resultOf(retired, "retirementId");
    const record = await open.retirements.get(id, since(retired));
    expect(record).toMatchObject({
      tonnes: "101",
      beneficiary: "Thành phố Đà Nẵng",
      retiringEntity: "Công ty Điện gió Bình Thuận",
      serialBlocks: blocks.map((block) => ({ start: String(block.start), end: String(block.end) })),
      txHash: retired.txHash,
    });
    const certificate = await open.retirements.certificate(id);
    expect(certificate["attributes"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ value: expect.stringContaining(BATCH) as string })]),
    );
    expect(await open.batches.serial(BATCH, last.end)).toMatchObject({ state: "retired", retirementId: id });
    expect(await open.batches.serial(BATCH, start - 1n)).toMatchObject({ state: "held", account });
    const again = firm.retire(
      { batch: BATCH, tonnes: 1n, blocks: [{ start: last.end, end: last.end }], purpose: "other", beneficiary: "-" },
      WAIT,
    );
    expect((await problemOf(again)).code).toBe("units-block-not-held");
  });

  it("given an error, it should cancel, apart from what is retired", async () => {
    const cancelled = await firm.cancel({ batch: BATCH, tonnes: 9n, reason: "error", details: "double entry" }, WAIT);
    const id = resultOf(cancelled, "cancellationId");
    expect(await open.cancellations.get(id, since(cancelled))).toMatchObject({ tonnes: "9", reason: "error" });
    expect(await open.batches.get(BATCH)).toMatchObject({
      issuedTonnes: "4000",
      heldTonnes: "3890",
      retiredTonnes: "101",
      cancelledTonnes: "9",
    });
  });

  it("given a read right after each act, from the block of its end, it should never miss", async () => {
    const moves = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const newcomer = Wallet.createRandom().address;
        const added = await registrar.participants.addAccount(trader.id, { address: newcomer }, WAIT);
        const moved = await firm.transfer({ to: newcomer, batch: BATCH, tonnes: 1n }, WAIT);
        const transfer = await trader.client.transfers.get(resultOf(moved, "transferId"), since(moved));
        const holding = await trader.client.holdings.get(newcomer, BATCH, since(moved));
        const known = await open.accounts.get(newcomer, since(added));
        return [transfer.to === newcomer, holding.tonnes, known.participantId];
      }),
    );
    expect(moves).toEqual(moves.map(() => [true, "1", trader.id]));
  });

  it("should find all its operations, page by page, each once, in a final state", async () => {
    const mine: Operation[] = [];
    for await (const operation of firmKey.operations.all({ limit: 7 })) mine.push(operation);
    expect(new Set(mine.map(({ id }) => id)).size).toBe(mine.length);
    expect(mine.length).toBeGreaterThan(20);
    expect(new Set(mine.map(({ participantId }) => participantId))).toEqual(new Set([firmId]));
    expect(new Set(mine.map(({ status }) => status))).toEqual(new Set(["final"]));
    const times = mine.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted().reverse());

    const whole = await firmKey.transfers.list({ limit: 200, account });
    const paged: string[] = [];
    for await (const transfer of firmKey.transfers.all({ limit: 5, account })) paged.push(transfer.id);
    expect(paged).toEqual(whole.items.map(({ id }) => id));
  });

  it("given the loss of its key, two officers should give it another, and its units with it", async () => {
    const before = await firmKey.holdings.get(account, BATCH);
    const newKey = newPrivateKey();
    const newAccount = addressOf(newKey);
    resultOf(await officer.accounts.proposeReplacement(account, newAccount, WAIT), "account");
    const alone = await problemOf(officer.accounts.approveReplacement(account, newAccount, WAIT));
    expect(alone.code).toBe("participants-same-officer");
    const replaced = await otherOfficer.accounts.approveReplacement(account, newAccount, WAIT);
    expect(await open.accounts.get(account, since(replaced))).toMatchObject({
      status: "replaced",
      successor: newAccount,
    });

    const stolen = await problemOf(firm.transfer({ to: trader.account, batch: BATCH, tonnes: 1n }, WAIT));
    expect(stolen.code).toBe("account-unknown");
    const recovered = await officer.accounts.recover(account, BATCH, WAIT);
    expect(recovered.status).toBe("final");
    expect(await firmKey.holdings.get(newAccount, BATCH, since(recovered))).toMatchObject({ tonnes: before.tonnes });
    expect((await problemOf(firmKey.holdings.get(account, BATCH))).status).toBe(404);

    const renewed = createFirm({ client: open, privateKey: newKey });
    const first = await renewed.transfer({ to: trader.account, batch: BATCH, tonnes: 10n }, WAIT);
    resultOf(first, "transferId");
  });

  it("an auditor should find every tonne once, and the read model what the chain says", async () => {
    const batch = await open.batches.get(BATCH);
    let held = 0n;
    for await (const holding of auditor.holdings.all({ batch: BATCH, limit: 10 })) held += BigInt(holding.tonnes);
    expect(held).toBe(BigInt(batch.heldTonnes));
    expect(BigInt(batch.issuedTonnes)).toBe(held + BigInt(batch.retiredTonnes) + BigInt(batch.cancelledTonnes));
    expect((await stage.service.reconciler.run()).differences).toEqual([]);
  });
});
