import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startTestService, type SelfCustodyFirm, type TestFirm, type TestService } from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const BATCH = "MANAGED-2024";

let stage: TestService;
let seller: TestFirm;
let buyer: SelfCustodyFirm;

beforeAll(async () => {
  stage = await startTestService();
  seller = await stage.managedFirm();
  buyer = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: seller.account, tonnes: 10_000 });
  await stage.synced();
});
afterAll(() => stage.close());

const transfer = (body: object = {}, headers: object = seller.key) =>
  stage.post("/v1/transfers", { to: buyer.account, batch: BATCH, tonnes: "10", ...body }, { ...WAIT, ...headers });

describe("POST /v1/transfers for a managed account", () => {
  it("should sign for the participant's only managed account", async () => {
    const answer = await transfer();
    expect(answer.body).toMatchObject({ status: "final", account: seller.account, participantId: seller.id });
    expect(answer.body.id).toBe(answer.body.intentHash);
  });

  it("should take the account that is named, and optional fields as null", async () => {
    const answer = await transfer({ account: seller.account, blocks: null });
    expect(answer.body.status).toBe("final");
  });

  it("given the same Idempotency-Key and body, it should move the units once", async () => {
    const headers = { ...seller.key, "idempotency-key": "order-1" };
    const first = await transfer({}, headers);
    const again = await transfer({}, headers);
    expect(again.body.id).toBe(first.body.id);
    const other = await transfer({ tonnes: "11" }, headers);
    expect([other.status, other.body.code]).toEqual([409, "idempotency-conflict"]);
  });

  it("should refuse what the contracts would refuse, before it signs", async () => {
    expect((await transfer({ tonnes: "10001" })).body.code).toBe("units-insufficient-balance");
    expect((await transfer({ tonnes: "0" })).body.code).toBe("units-amount-zero");
    expect((await transfer({ batch: "NOTHING" })).body.code).toBe("registry-batch-unknown");
  });

  it("should refuse unknown fields, and a signature without an intent", async () => {
    expect((await transfer({ memo: "x" })).body.code).toBe("validation-failed");
    expect((await transfer({ signature: "0x00" })).body.code).toBe("validation-failed");
  });

  it("given no key, it should ask for one", async () => {
    const answer = await transfer({}, {});
    expect([answer.status, answer.body.code]).toEqual([401, "unauthorized"]);
  });

  it("given another participant's key or account, it should refuse", async () => {
    expect((await transfer({ account: seller.account }, buyer.key)).body.code).toBe("forbidden");
    expect((await transfer({ account: buyer.account })).body.code).toBe("forbidden");
  });

  it("given the key of an auditor, it should refuse", async () => {
    const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
    expect((await transfer({}, auditor)).body.code).toBe("forbidden");
  });

  it("given a participant whose keys are its own, it should refuse", async () => {
    const answer = await transfer({ to: seller.account }, buyer.key);
    expect([answer.status, answer.body.code]).toEqual([409, "signer-unavailable"]);
    expect((await transfer({ account: buyer.account }, buyer.key)).body.code).toBe("signer-unavailable");
  });

  it("given two managed accounts, it should ask which, and a key may be bound to one", async () => {
    const firm = await stage.managedFirm();
    const second = await stage.signers.createManagedAccount({ participantId: firm.id });
    await stage.ledger.participants.addAccount(firm.id, second);
    await stage.synced();
    await transfer({ to: second });

    const unclear = await transfer({ to: buyer.account }, firm.key);
    expect(unclear.body).toMatchObject({ code: "validation-failed", errors: [{ path: "/body/account" }] });
    const bound = await stage.keyOf({ scope: "participant", participantId: firm.id, account: second, label: "bound" });
    expect((await transfer({ tonnes: "4" }, bound)).body).toMatchObject({ status: "final", account: second });
    expect((await transfer({ account: firm.account }, bound)).body.code).toBe("forbidden");

    await stage.ledger.participants.removeAccount(firm.id, second);
    await stage.synced();
    expect((await transfer({}, bound)).body.code).toBe("account-unknown");
  });

  it("should revoke a nonce once", async () => {
    const revoke = () => stage.post("/v1/revocations", { revokedNonce: "77" }, { ...WAIT, ...seller.key });
    const { body } = await revoke();
    expect(body).toMatchObject({ kind: "revocation", status: "final", links: { result: null } });
    expect(body.result).toEqual({ intentHash: body.id, account: seller.account, revokedNonce: "77" });
    expect((await revoke()).body.code).toBe("intents-nonce-used");
  });
});

describe("GET /v1/holdings and /v1/transfers", () => {
  it("should show a participant its own only, and institutions all", async () => {
    await transfer({ blocks: [{ start: "9001", end: "9010" }] });
    const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
    const owners = (body: { items: { participantId: number }[] }) =>
      new Set(body.items.map((item) => item.participantId));

    const mine = await stage.get(`/v1/holdings?batch=${BATCH}`, buyer.key);
    expect(owners(mine.body)).toEqual(new Set([buyer.id]));
    const all = await stage.get(`/v1/holdings?batch=${BATCH}`, auditor);
    expect(owners(all.body)).toContain(seller.id);
    const others = await stage.get(`/v1/holdings?participantId=${seller.id}`, buyer.key);
    expect([others.status, others.body.code]).toEqual([403, "forbidden"]);
    expect((await stage.get(`/v1/transfers?participantId=${seller.id}`, buyer.key)).status).toBe(403);
  });

  it("should hide what belongs to others, and ask strangers for a key", async () => {
    const stranger = await stage.firm();
    const path = `/v1/holdings/${seller.account}/${BATCH}`;
    expect((await stage.get(path, seller.key)).status).toBe(200);
    expect((await stage.get(path, stranger.key)).status).toBe(404);
    expect((await stage.get(`${path}/blocks`, stranger.key)).status).toBe(404);
    const { items } = (await stage.get("/v1/transfers", seller.key)).body;
    expect((await stage.get(`/v1/transfers/${items[0].id}`, stranger.key)).status).toBe(404);
    expect((await stage.get("/v1/transfers", stranger.key)).body.items).toEqual([]);
    for (const open of [path, "/v1/holdings", "/v1/transfers", `/v1/transfers/${items[0].id}`]) {
      expect((await stage.get(open)).status).toBe(401);
    }
  });

  it("should page through blocks and transfers without gap or repetition", async () => {
    for (const start of ["5001", "5003"]) await transfer({ tonnes: "1", blocks: [{ start, end: start }] });
    const path = `/v1/holdings/${buyer.account}/${BATCH}/blocks`;
    const whole = (await stage.get(path, buyer.key)).body.items as unknown[];
    expect(whole).toContainEqual({ start: "5003", end: "5003" });
    const paged: unknown[] = [];
    for (let cursor = ""; ;) {
      const { body } = await stage.get(`${path}?limit=1${cursor}`, buyer.key);
      paged.push(...body.items);
      if (body.next === null) break;
      cursor = `&cursor=${body.next as string}`;
    }
    expect(paged).toEqual(whole);

    const { body } = await stage.get(
      `/v1/transfers?batch=${BATCH}&kind=transfer&limit=2&account=${buyer.account}`,
      buyer.key,
    );
    expect(body.items).toHaveLength(2);
    expect(body.items[0].blockNumber).toBeGreaterThanOrEqual(body.items[1].blockNumber);
    expect((await stage.get("/v1/transfers?fromBlock=999999", buyer.key)).body.items).toEqual([]);
  });

  it.each(["?limit=0", "?limit=201", "?limit=x"])("given %s, it should refuse the page size", async (query) => {
    expect((await stage.get(`/v1/holdings${query}`, seller.key)).body.code).toBe("page-size");
  });

  it.each(["/v1/holdings?color=red", "/v1/transfers/12", "/v1/transfers?from=yesterday", "/v1/holdings/0x12/ABC"])(
    "given %s, it should refuse",
    async (path) => {
      expect((await stage.get(path, seller.key)).body.code).toBe("validation-failed");
    },
  );

  it("given a cursor that is not one of ours, it should refuse", async () => {
    expect((await stage.get("/v1/transfers?cursor=bm9uc2Vuc2U", seller.key)).body.code).toBe("cursor-invalid");
  });
});

describe("What institutions do to holdings", () => {
  it("should let the enforcement role move units without the holder, and only that role", async () => {
    const enforcement = await stage.officerKey("enforcement", "enforcement");
    const path = `/v1/holdings/${seller.account}/${BATCH}/forced-transfer`;
    const body = { to: buyer.account, tonnes: "3" };

    expect((await stage.post(path, body, seller.key)).status).toBe(403);
    expect((await stage.post(path, body)).status).toBe(401);
    const moved = await stage.post(path, body, { ...enforcement, ...WAIT });
    expect(moved.body).toMatchObject({ kind: "holding.forced-transfer", status: "final", role: "enforcement" });
    const transfer = await stage.get(`/v1/transfers/${moved.body.result.transferId}`, buyer.key);
    expect(transfer.body).toMatchObject({ kind: "forced", tonnes: "3", intentHash: null });
  });

  it("should name the holding that a freeze is of", async () => {
    const compliance = await stage.officerKey("compliance-officer", "compliance1");
    const path = `/v1/holdings/${seller.account}/${BATCH}`;
    const frozen = await stage.post(`${path}/freeze`, { tonnes: "1" }, { ...compliance, ...WAIT });
    expect(frozen.body).toMatchObject({ status: "final", links: { result: path } });
    expect((await stage.get(path, seller.key)).body.frozenTonnes).toBe("1");
  });

  it("should refuse to freeze without the role", async () => {
    const path = `/v1/holdings/${seller.account}/${BATCH}/freeze`;
    expect((await stage.post(path, { tonnes: "1" }, seller.key)).body.code).toBe("forbidden");
  });
});
