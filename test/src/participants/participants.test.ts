import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAPABILITIES, capabilitiesOf, capabilityBits } from "../../../src/participants/capabilities.js";
import { freshTerms, signedBody, startTestService, type TestService } from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const KYC = "2090-01-01T00:00:00.000Z";

let stage: TestService;
let registrar: Record<string, string>;
let officer: Record<string, string>;
let otherOfficer: Record<string, string>;
let taxCodes = 0;

beforeAll(async () => {
  stage = await startTestService();
  await stage.synced();
  registrar = { ...WAIT, ...(await stage.officerKey("registrar", "registrar1")) };
  officer = { ...WAIT, ...(await stage.officerKey("compliance-officer", "compliance1")) };
  otherOfficer = { ...WAIT, ...(await stage.officerKey("compliance-officer", "compliance2")) };
});
afterAll(() => stage.close());

const freshAddress = () => Wallet.createRandom().address;

function application(differences: Record<string, unknown> = {}) {
  taxCodes += 1;
  return {
    taxCode: String(3_000_000_000 + taxCodes),
    capabilities: ["trade-credits", "develop-projects"],
    kycExpiresAt: KYC,
    document: { name: "Công ty Điện gió", sector: "wind" },
    account: freshAddress(),
    ...differences,
  };
}

async function admit(differences: Record<string, unknown> = {}) {
  const answer = await stage.post("/v1/participants", application(differences), registrar);
  expect(answer.body).toMatchObject({ status: "final" });
  const { participantId } = answer.body.result;
  const { body } = await stage.get(`/v1/participants/${participantId}?minBlock=${answer.body.blockNumber}`);
  return { id: participantId as number, body, operation: answer.body };
}

const act = (path: string, body: unknown, headers: Record<string, string>) => stage.post(`/v1/${path}`, body, headers);

describe("POST /v1/participants", () => {
  it("should admit a firm with its own account, and show it with its public record", async () => {
    const account = freshAddress();
    const { id, body, operation } = await admit({ account });
    expect(operation).toMatchObject({
      kind: "participant.admit",
      role: "registrar",
      links: { result: `/v1/participants/${id}` },
    });
    expect(body).toMatchObject({
      id,
      name: "Công ty Điện gió",
      status: "active",
      capabilities: ["trade-credits", "develop-projects"],
      kycExpiresAt: KYC,
      document: { name: "Công ty Điện gió", sector: "wind" },
      accounts: [{ address: account, status: "active", managed: false }],
      txHash: operation.txHash,
      links: { self: `/v1/participants/${id}`, transaction: `/v1/transactions/${operation.txHash}` },
    });
  });

  it("given managed: true, it should make the account and keep its key", async () => {
    const { account: _, ...request } = application();
    const answer = await act("participants", { ...request, managed: true }, registrar);
    const { body } = await stage.get(`/v1/participants/${answer.body.result.participantId}`);
    expect(body.accounts).toEqual([{ address: expect.any(String), status: "active", managed: true }]);
    expect(await stage.signers.has(body.accounts[0].address)).toBe(true);
  });

  it("given the same idempotency key twice, it should admit once", async () => {
    const headers = { ...registrar, "idempotency-key": "admit-once" };
    const request = application();
    const [first, second] = [await act("participants", request, headers), await act("participants", request, headers)];
    expect(second.body.id).toBe(first.body.id);
    const { body } = await stage.get(`/v1/participants?taxCode=${request.taxCode}`);
    expect(body.items).toHaveLength(1);
  });

  it.each([
    ["a tax code with a letter", { taxCode: "O123456789" }],
    ["a short tax code", { taxCode: "012345678" }],
    ["an unknown capability", { capabilities: ["fly"] }],
    ["a capability twice", { capabilities: ["trade-credits", "trade-credits"] }],
    ["no name", { document: {} }],
    ["both an account and managed", { managed: true }],
    ["managed: false", { account: undefined, managed: false }],
    ["neither", { account: undefined }],
    ["a day for a time", { kycExpiresAt: "2090-01-01" }],
    ["a zero character", { document: { name: "a\u0000b" } }],
    ["an unknown field", { more: 1 }],
  ])("given %s, it should refuse", async (_what, differences) => {
    const answer = await act("participants", application(differences), registrar);
    expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
  });

  it("given a tax code that is taken, it should say so with the contract's words and evidence", async () => {
    const { body } = await admit();
    const answer = await act("participants", application({ taxCode: body.taxCode }), registrar);
    expect([answer.status, answer.body.code]).toEqual([409, "participants-tax-code-taken"]);
    expect(answer.body.evidence).toMatchObject({ taxCode: body.taxCode, participantId: body.id });
    expect(answer.body.operationId).toEqual(expect.any(String));
  });

  it("given an account that is taken, or a due diligence that has lapsed, it should refuse", async () => {
    const { body } = await admit();
    const taken = await act("participants", application({ account: body.accounts[0].address }), registrar);
    expect(taken.body.code).toBe("participants-account-taken");
    const lapsed = await act("participants", application({ kycExpiresAt: "2020-01-01T00:00:00Z" }), registrar);
    expect(lapsed.body.code).toBe("participants-kyc-expired");
  });

  it("given no key, or one of another role, it should refuse and make no account", async () => {
    const before = await stage.db.selectFrom("keystores").select("address").execute();
    const { account: _, ...request } = application();
    expect((await act("participants", { ...request, managed: true }, WAIT)).status).toBe(401);
    expect((await act("participants", { ...request, managed: true }, officer)).status).toBe(403);
    const after = await stage.db.selectFrom("keystores").select("address").execute();
    expect(after).toHaveLength(before.length);
  });
});

describe("the life of a participant", () => {
  it("should be suspended with a reason that is kept, reinstated, updated and closed", async () => {
    const { id } = await admit();
    const path = `participants/${id}`;
    const status = async () => (await stage.get(`/v1/${path}`)).body.status as string;

    expect((await act(`${path}/suspend`, { reason: "Under inquiry" }, officer)).body).toMatchObject({
      participantId: id,
    });
    expect(await status()).toBe("suspended");
    const [document] = await stage.db.selectFrom("documents").select("body").where("kind", "=", "suspension").execute();
    expect(document?.body).toEqual({ participantId: id, reason: "Under inquiry" });

    expect((await act(`${path}/suspend`, { reason: "Again" }, officer)).body.code).toBe("participants-status-invalid");
    await act(`${path}/reinstate`, {}, officer);
    expect(await status()).toBe("active");

    const update = { capabilities: [], kycExpiresAt: "2091-01-01T00:00:00.000Z", document: { name: "Renamed" } };
    await act(`${path}/update`, update, registrar);
    expect((await stage.get(`/v1/${path}`)).body).toMatchObject({
      name: "Renamed",
      capabilities: [],
      kycExpiresAt: update.kycExpiresAt,
    });

    await act(`${path}/close`, {}, registrar);
    expect(await status()).toBe("closed");
    expect((await act(`${path}/reinstate`, {}, officer)).body.code).toBe("participants-status-invalid");
  });

  it("given a participant that is not there, it should say 404", async () => {
    for (const path of ["suspend", "update", "close"]) {
      const body =
        path === "suspend"
          ? { reason: "x" }
          : path === "close"
            ? {}
            : { capabilities: [], kycExpiresAt: KYC, document: { name: "x" } };
      const answer = await act(`participants/2000000000/${path}`, body, path === "suspend" ? officer : registrar);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, "not-found"]);
    }
    expect((await stage.get("/v1/participants/2000000000")).status).toBe(404);
  });
});

describe("accounts", () => {
  it("should be added, own or managed, and removed for good", async () => {
    const { id } = await admit();
    const address = freshAddress();
    const added = await act(`participants/${id}/accounts`, { address }, registrar);
    expect(added.body.result).toMatchObject({ participantId: id, account: address });
    await act(`participants/${id}/accounts`, { managed: true }, registrar);

    const page = await stage.get(`/v1/participants/${id}/accounts?status=active`);
    expect(page.body.items).toHaveLength(3);
    expect(page.body.items.filter((item: { managed: boolean }) => item.managed)).toHaveLength(1);

    const removed = await stage.send(`/v1/participants/${id}/accounts/${address}`, {
      method: "DELETE",
      headers: registrar,
    });
    expect(removed.body.status).toBe("final");
    expect((await stage.get(`/v1/accounts/${address}`)).body).toMatchObject({ status: "removed", participantId: id });
    const again = await act(`participants/${id}/accounts`, { address }, registrar);
    expect(again.body.code).toBe("participants-account-taken");
  });

  it("given an address that was never an account, it should say 404", async () => {
    expect((await stage.get(`/v1/accounts/${freshAddress()}`)).status).toBe(404);
    const { id } = await admit();
    const removed = await stage.send(`/v1/participants/${id}/accounts/${freshAddress()}`, {
      method: "DELETE",
      headers: registrar,
    });
    expect(removed.body.code).toBe("participants-account-unknown");
  });
});

describe("given money or positions that nobody could move any more", () => {
  const CODE = "participant-assets-left";

  it("should not close the participant, and not remove the account", async () => {
    const firm = await stage.firm();
    const exchange = stage.ledger.addresses.Exchange;
    await stage.ledger.fundCash(firm.account, 500n);
    await stage.synced();
    const path = `/v1/participants/${firm.id}/accounts/${firm.account}`;
    const removed = await stage.send(path, { method: "DELETE", headers: registrar });
    expect(removed.body).toMatchObject({
      status: 409,
      code: CODE,
      detail: `${firm.account} has 500 in cash.`,
      evidence: { left: [{ account: firm.account, place: "account", batch: null, amount: "500" }] },
    });

    const terms = { ...freshTerms(firm.account), to: exchange, amount: "400" };
    const { body } = await signedBody("cash-transfer", terms, firm.wallet, stage.domain);
    expect((await stage.post("/v1/cash/transfers", body, WAIT)).body.status).toBe("final");
    const closed = await act(`participants/${firm.id}/close`, {}, registrar);
    expect(closed.body).toMatchObject({ code: CODE, detail: `${firm.account} has 100 in cash, and that is not all.` });
    expect(closed.body.evidence.left).toMatchObject([{ amount: "100" }, { place: "exchange", amount: "400" }]);

    const other = await act(`participants/${firm.id}/accounts`, { address: freshAddress() }, registrar);
    const address = other.body.result.account as string;
    const gone = await stage.send(`/v1/participants/${firm.id}/accounts/${address}`, {
      method: "DELETE",
      headers: registrar,
    });
    expect(gone.body.status).toBe("final");
  });
});

describe("replacing an account whose key is lost", () => {
  it("should take two officers, and carry the holdings to the successor", async () => {
    const firm = await stage.firm();
    const successor = freshAddress();
    const batch = `LOST-${firm.id}`;
    await stage.ledger.issueBatch({ code: batch, recipient: firm.account, tonnes: 70 });
    await stage.synced();
    const path = `accounts/${firm.account}/replacement`;

    expect((await act(`${path}/approve`, { newAccount: successor }, otherOfficer)).body.code).toBe(
      "participants-replacement-unknown",
    );
    await act(path, { newAccount: successor }, officer);
    expect((await stage.get(`/v1/accounts/${firm.account}`)).body.proposedSuccessor).toBe(successor);
    expect((await act(`${path}/approve`, { newAccount: successor }, officer)).body.code).toBe(
      "participants-same-officer",
    );
    expect((await act(`${path}/approve`, { newAccount: freshAddress() }, otherOfficer)).body.code).toBe(
      "participants-replacement-mismatch",
    );
    expect((await act(`${path}/approve`, { newAccount: successor }, otherOfficer)).body.status).toBe("final");
    expect((await stage.get(`/v1/accounts/${firm.account}`)).body).toMatchObject({ status: "replaced", successor });

    const recovered = await act(`accounts/${firm.account}/recovery`, { batch }, officer);
    expect(recovered.body.status).toBe("final");
    const held = await stage.get(`/v1/holdings/${successor}/${batch}`, firm.key);
    expect(held.body).toMatchObject({ tonnes: "70", participantId: firm.id });
  });

  it("should be withdrawn by an officer", async () => {
    const { body } = await admit();
    const path = `accounts/${body.accounts[0].address}/replacement`;
    await act(path, { newAccount: freshAddress() }, officer);
    expect((await act(`${path}/withdraw`, {}, otherOfficer)).body.status).toBe("final");
    expect((await act(`${path}/withdraw`, {}, otherOfficer)).body.code).toBe("participants-replacement-unknown");
  });
});

describe("GET /v1/participants", () => {
  it("should page through all, once each, and filter", async () => {
    await admit({ capabilities: ["hold-buffer"] });
    const seen: number[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await stage.get(`/v1/participants?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...body.items.map((item: { id: number }) => item.id));
      cursor = body.next;
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);

    const buffers = await stage.get("/v1/participants?capability=hold-buffer&status=active");
    expect(
      buffers.body.items.every((item: { capabilities: string[] }) => item.capabilities.includes("hold-buffer")),
    ).toBe(true);
    expect((await stage.get("/v1/participants?status=none")).body.code).toBe("validation-failed");
  });
});

describe("capabilities", () => {
  it("should be the bits of Capabilities.sol, there and back", () => {
    expect(CAPABILITIES.map((capability) => capabilityBits([capability]))).toEqual([1, 2, 4, 8]);
    expect(capabilitiesOf(capabilityBits(CAPABILITIES))).toEqual([...CAPABILITIES]);
    expect(capabilitiesOf(0)).toEqual([]);
  });
});
