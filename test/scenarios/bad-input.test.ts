import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { TestAnswer } from "../support/http.js";
import { startRegistryDesk, WAIT, type RegistryDesk } from "../support/registry-desk.js";
import { freshTerms, signedBody, type SelfCustodyFirm, type TestFirm } from "../support/service.js";

const BATCH = "BAD-INPUT-2024";
/** What a binary floating-point number of 64 bits takes for its even neighbour. */
const BEYOND_DOUBLE = "9007199254740993";

let desk: RegistryDesk;
let seller: SelfCustodyFirm;
let managed: TestFirm;
let auditor: { readonly authorization: string };

beforeAll(async () => {
  desk = await startRegistryDesk();
  seller = await desk.firm();
  managed = await desk.managedFirm();
  await desk.ledger.issueBatch({ code: BATCH, recipient: seller.account, tonnes: 10_000 });
  await desk.ledger.issueBatch({ code: `${BATCH}-M`, recipient: managed.account, tonnes: 10_000 });
  await desk.synced();
  auditor = await desk.keyOf({ scope: "auditor", label: "auditor" });
});
afterAll(() => desk.close());

function expectProblem(answer: TestAnswer, status: number, code: string): void {
  expect([answer.status, answer.body.status, answer.body.code]).toEqual([status, status, code]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
}

const OPEN_ACTS = [
  "transfers",
  "retirements",
  "cancellations",
  "revocations",
  "transactions",
  "verification-statements",
];

describe.each(OPEN_ACTS)("POST /v1/%s, which takes signed acts from anybody", (act) => {
  const json = { "content-type": "application/json" };

  it.each<[string, string, string, Record<string, string>, number]>([
    ["a body cut short", '{"intent":{', "malformed-json", json, 400],
    ["a bare word", "hello", "malformed-json", json, 400],
    ["a list", "[]", "validation-failed", json, 400],
    ["nothing", "", "validation-failed", json, 400],
    ["an empty object", "{}", "validation-failed", json, 400],
    ["a body above the limit", JSON.stringify({ raw: "a".repeat(300_000) }), "body-too-large", json, 413],
    ["a form", "tonnes=1", "unsupported-media-type", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["plain text", "{}", "unsupported-media-type", { "content-type": "text/plain" }, 415],
    ["another encoding", "{}", "unsupported-media-type", { "content-type": "application/json; charset=utf-16" }, 415],
  ])("given %s, it should refuse", async (_what, body, code, headers, status) => {
    expectProblem(await desk.send(`/v1/${act}`, { method: "POST", body, headers }), status, code);
  });

  it("given another method, it should name those that there are", async () => {
    const answer = await desk.send(`/v1/${act}`, { method: "PUT" });
    expectProblem(answer, 405, "method-not-allowed");
    expect(answer.headers.get("allow")).toContain("POST");
  });
});

describe("a path that is not there", () => {
  it.each(["/v2/transfers", "/V1/transfers", "/v1/Transfers", "/v1/transfers/1-0/undo", "/v1/%ff", "/admin", "/v1"])(
    "given %s, it should say 404",
    async (path) => {
      expectProblem(await desk.get(path), 404, "unknown-path");
    },
  );
});

describe("every list", () => {
  const LISTS = [
    "participants",
    "projects",
    "verification-statements",
    "issuances",
    "batches",
    "holdings",
    "transfers",
    "retirements",
    "cancellations",
    "operations",
    "events",
  ];

  it.each(LISTS)("of %s should refuse a page size out of range and a cursor that is not its own", async (list) => {
    for (const limit of ["0", "201", "-1", "1.5", "x", "", "1e2"]) {
      expectProblem(await desk.get(`/v1/${list}?limit=${limit}`, auditor), 400, "page-size");
    }
    for (const cursor of ["x", "e30", "bnVsbA", "W10", "WzAsMSwyLDMsNCw1XQ", encodeURIComponent("'\u0000")]) {
      expectProblem(await desk.get(`/v1/${list}?cursor=${cursor}`, auditor), 400, "cursor-invalid");
    }
    expectProblem(await desk.get(`/v1/${list}?minBlock=-1`, auditor), 400, "validation-failed");
    expectProblem(await desk.get(`/v1/${list}?color=red`, auditor), 400, "validation-failed");
  });
});

describe("a signed intent that is sent for what it is not", () => {
  const units = { batch: BATCH, tonnes: "10", blocks: [] };

  it("given a cancellation where retirements are taken, or the other way round, it should refuse", async () => {
    const order = { ...freshTerms(seller.account), ...units, reason: "error" as const, details: "" };
    const { body, hash } = await signedBody("cancellation", order, seller.wallet, desk.domain);
    const retirement = {
      ...body.intent,
      reason: "error",
      purpose: "other",
      beneficiary: "-",
      beneficiaryId: "",
      beneficiaryCommitment: null,
      consumptionCountry: null,
      consumptionPeriodStart: null,
      consumptionPeriodEnd: null,
    };
    expectProblem(await desk.post("/v1/retirements", body), 400, "validation-failed");
    expectProblem(await desk.post("/v1/retirements", { ...body, intent: retirement }), 422, "intent-signature-invalid");
    expectProblem(await desk.get(`/v1/operations/${hash}`), 404, "not-found");
  });

  it.each(["transfers", "retirements", "cancellations"])(
    "given the intent of %s without its signature, it should refuse",
    async (act) => {
      expectProblem(await desk.post(`/v1/${act}`, { intent: freshTerms(seller.account) }), 400, "validation-failed");
    },
  );

  it("given the signature of another intent of the same account, it should refuse", async () => {
    const order = () => ({ ...freshTerms(seller.account), to: managed.account, ...units });
    const one = await signedBody("transfer", order(), seller.wallet, desk.domain);
    const other = await signedBody("transfer", order(), seller.wallet, desk.domain);
    const answer = await desk.post("/v1/transfers", { ...one.body, signature: other.body.signature });
    expectProblem(answer, 422, "intent-signature-invalid");
  });
});

describe("a participant who is suspended or closed", () => {
  it.each(["suspend", "close"])("given %s of either side, no act of a holder should pass", async (fate) => {
    const gone = await desk.managedFirm();
    const order = { batch: `${BATCH}-M`, tonnes: "5" };
    await desk.post("/v1/transfers", { ...order, to: gone.account }, { ...managed.key, ...WAIT });
    const officer = fate === "suspend" ? desk.officers.compliance : desk.officers.registrar1;
    const ended = await desk.act(
      `/participants/${gone.id}/${fate}`,
      fate === "suspend" ? { reason: "test" } : {},
      officer,
    );
    expect(ended.body.status).toBe("final");

    const code = "participant-suspended";
    const send = (path: string, body: object, key = gone.key) => desk.post(path, body, { ...key, ...WAIT });
    expectProblem(await send("/v1/transfers", { ...order, to: managed.account }), 409, code);
    expectProblem(await send("/v1/transfers", { ...order, to: gone.account }, managed.key), 409, code);
    expectProblem(await send("/v1/retirements", { ...order, purpose: "voluntary", beneficiary: "-" }), 409, code);
    expectProblem(await send("/v1/cancellations", { ...order, reason: "error" }), 409, code);
    const holding = await desk.get(`/v1/holdings/${gone.account}/${BATCH}-M`, auditor);
    expect(holding.body.tonnes).toBe("5");
  });
});

describe("a quantity above 2^53", () => {
  it("should come back exactly from a statement", async () => {
    const code = await desk.project();
    const body = await desk.signedStatement(code, { verifiedTonnes: BigInt(BEYOND_DOUBLE) });
    const recorded = await desk.act("/verification-statements", body);
    expect(recorded.body.status).toBe("final");
    const found = await desk.get(recorded.body.links.result);
    expect([found.status, found.body.verifiedTonnes]).toEqual([200, BEYOND_DOUBLE]);
    expect(found.text).toContain(`"${BEYOND_DOUBLE}"`);
  });

  it("should come back exactly from a freeze, which may exceed the balance", async () => {
    const path = `/v1/holdings/${managed.account}/${BATCH}-M`;
    const freeze = (tonnes: string) => desk.act(`${path.slice(3)}/freeze`, { tonnes }, desk.officers.compliance);
    expect((await freeze(BEYOND_DOUBLE)).body.status).toBe("final");
    expect((await desk.get(path, managed.key)).body.frozenTonnes).toBe(BEYOND_DOUBLE);
    const order = { to: seller.account, batch: `${BATCH}-M`, tonnes: "1" };
    expect((await desk.post("/v1/transfers", order, managed.key)).body.code).toBe(
      "erc7943-insufficient-unfrozen-balance",
    );
    expect((await freeze("0")).body.status).toBe("final");
  });

  it("should come back exactly as the evidence of each refusal", async () => {
    const order = { batch: `${BATCH}-M`, tonnes: BEYOND_DOUBLE };
    const acts = {
      transfers: { to: seller.account },
      retirements: { purpose: "voluntary", beneficiary: "-" },
      cancellations: { reason: "error" },
    };
    for (const [act, rest] of Object.entries(acts)) {
      const answer = await desk.post(`/v1/${act}`, { ...order, ...rest }, { ...managed.key, ...WAIT });
      expectProblem(answer, 409, "units-insufficient-balance");
      expect(answer.body.evidence.tonnes).toBe(BEYOND_DOUBLE);
    }
  });

  it("should stay exact in a nonce, to the last of them", async () => {
    const revokedNonce = (2n ** 256n - 1n).toString();
    const intent = { ...freshTerms(seller.account), nonce: (2n ** 256n - 2n).toString(), revokedNonce };
    const { body } = await signedBody("revocation", intent, seller.wallet, desk.domain);
    const answer = await desk.post("/v1/revocations", body, WAIT);
    expect(answer.body).toMatchObject({ status: "final", result: { account: seller.account, revokedNonce } });
  });

  it("given one as a JSON number, it should be refused rather than rounded", async () => {
    const text = `{"to":"${seller.account}","batch":"${BATCH}-M","tonnes":${BEYOND_DOUBLE}}`;
    const answer = await desk.post("/v1/transfers", text, managed.key);
    expectProblem(answer, 400, "validation-failed");
    expect(answer.body.errors).toMatchObject([{ path: "/body/tonnes" }]);
  });
});
