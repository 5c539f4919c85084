import { id } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { RetirementIntentJson } from "../../../src/chain/intent-json.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestFirm,
  type TestService,
} from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const NEW = "NEW-2024";
const OLD = "OLD-2019";
const COMMITMENT = id("salt and name");

let stage: TestService;
let holder: SelfCustodyFirm;
let managed: TestFirm;

beforeAll(async () => {
  stage = await startTestService();
  holder = await stage.firm();
  managed = await stage.managedFirm();
  await stage.ledger.issueBatch({ code: NEW, project: "PROJECT-A", recipient: holder.account, tonnes: 50_000 });
  await stage.ledger.issueBatch({ code: OLD, vintage: 2019, recipient: managed.account, tonnes: 5_000 });
  await stage.synced();
});
afterAll(() => stage.close());

function order(differences: Partial<RetirementIntentJson> = {}): RetirementIntentJson {
  return {
    ...freshTerms(holder.account),
    batch: NEW,
    tonnes: "12",
    blocks: [],
    beneficiary: "Công ty Thép Đà Nẵng",
    beneficiaryId: "0401234567",
    beneficiaryCommitment: null,
    purpose: "voluntary",
    reason: "Net zero 2024",
    details: "",
    consumptionCountry: "VN",
    consumptionPeriodStart: "2024-01-01",
    consumptionPeriodEnd: "2024-12-31",
    ...differences,
  };
}

async function retire(differences: Partial<RetirementIntentJson> = {}) {
  const { body } = await signedBody("retirement", order(differences), holder.wallet, stage.domain);
  return stage.post("/v1/retirements", body, WAIT);
}

/** Sends what nobody could have signed. */
async function retireUnsigned(differences: Record<string, unknown>) {
  return stage.post("/v1/retirements", { intent: { ...order(), ...differences }, signature: "0x00" }, WAIT);
}

describe("POST /v1/retirements", () => {
  it("should retire exactly these serials and show every field of the record, to anybody", async () => {
    const blocks = [{ start: "40001", end: "40012" }];
    const answer = await retire({ blocks });
    expect(answer.body).toMatchObject({ kind: "retirement", status: "final" });
    const { retirementId } = answer.body.result;

    const { body } = await stage.get(`/v1/retirements/${retirementId}?minBlock=${answer.body.blockNumber}`);

    expect(body).toEqual({
      id: retirementId,
      batch: NEW,
      projectCode: "PROJECT-A",
      vintage: 2024,
      serialBlocks: blocks,
      tonnes: "12",
      account: holder.account,
      participantId: holder.id,
      retiringEntity: null,
      beneficiary: "Công ty Thép Đà Nẵng",
      beneficiaryId: "0401234567",
      beneficiaryCommitment: null,
      purpose: "voluntary",
      reason: "Net zero 2024",
      details: "",
      consumptionCountry: "VN",
      consumptionPeriodStart: "2024-01-01",
      consumptionPeriodEnd: "2024-12-31",
      retiredAt: expect.stringMatching(/^20\d\d-/),
      recordHash: await stage.ledger.retirements.retirementHash(retirementId),
      intentHash: answer.body.id,
      certificate: { contract: stage.ledger.addresses.Retirements, tokenId: retirementId },
      txHash: answer.body.txHash,
      blockNumber: answer.body.blockNumber,
      links: {
        self: `/v1/retirements/${retirementId}`,
        transaction: `/v1/transactions/${answer.body.txHash}`,
        certificate: `/v1/retirements/${retirementId}/certificate`,
        certificatePdf: `/v1/retirements/${retirementId}/certificate.pdf`,
        certificatePage: `/v1/certificates/${retirementId}/page`,
        proof: `/v1/retirements/${retirementId}/proof`,
      },
    });
  });

  it("should serve the certificate where the token's URI points", async () => {
    const { retirementId } = (await retire({ tonnes: "5" })).body.result;
    const uri = new URL(await stage.ledger.retirements.tokenURI(retirementId));
    const answer = await stage.get(uri.pathname);
    expect(answer.body).toMatchObject({
      name: `Retirement ${retirementId}`,
      attributes: expect.arrayContaining([
        { trait_type: "Tonnes CO2e", value: "5" },
        { trait_type: "Vintage", value: 2024 },
      ]),
    });
    expect((await stage.get(`/v1/retirements/${retirementId}/certificate`)).body).toEqual(answer.body);

    const { pathname, search } = new URL(answer.body.external_url);
    const page = await stage.get(pathname + search);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
    for (const { value } of answer.body.attributes.filter((fact: { trait_type: string }) =>
      /hash|id$/.test(fact.trait_type),
    ))
      expect(page.text).toContain(value);
    for (const path of ["/v1/certificates/999999/page", "/v1/retirements/999999/certificate.pdf"])
      expect([path, (await stage.get(path)).status]).toEqual([path, 404]);
    expect((await stage.get(`${pathname}?language=de`)).body).toMatchObject({ code: "validation-failed" });
  });

  it("should keep a natural person's name off the record", async () => {
    const answer = await retire({ beneficiary: "", beneficiaryId: "", beneficiaryCommitment: COMMITMENT });
    const { body } = await stage.get(`/v1/retirements/${answer.body.result.retirementId}`);
    expect(body).toMatchObject({ beneficiary: "", beneficiaryId: "", beneficiaryCommitment: COMMITMENT });
  });

  it("should retire for a managed account with the least that must be said", async () => {
    const body = { batch: OLD, tonnes: "7", purpose: "corsia", beneficiary: "Airline", consumptionCountry: null };
    const answer = await stage.post("/v1/retirements", body, { ...WAIT, ...managed.key });
    expect(answer.body).toMatchObject({ status: "final", account: managed.account });
    const record = await stage.get(`/v1/retirements/${answer.body.result.retirementId}`);
    expect(record.body).toMatchObject({
      purpose: "corsia",
      reason: "",
      consumptionCountry: null,
      consumptionPeriodStart: null,
    });
  });

  it("should name the retiring entity when its public document is known", async () => {
    const participant = await stage.db
      .selectFrom("participants")
      .selectAll()
      .where("id", "=", holder.id)
      .executeTakeFirstOrThrow();
    const body = JSON.stringify({ name: "Forest Company" });
    await stage.db
      .insertInto("documents")
      .values({ hash: participant.document_hash, kind: "participant", body, canonical: body })
      .execute();
    const { items } = (await stage.get(`/v1/retirements?participantId=${holder.id}&limit=1`)).body;
    expect(items[0].retiringEntity).toBe("Forest Company");
    await stage.db.deleteFrom("documents").execute();
  });

  it.each([
    ["nobody it is for", { beneficiary: "", beneficiaryId: "" }, "retirements-beneficiary-invalid"],
    ["both a name and a commitment", { beneficiaryCommitment: COMMITMENT }, "retirements-beneficiary-invalid"],
    [
      "a person's tax code",
      { beneficiary: "", beneficiaryCommitment: COMMITMENT, beneficiaryId: "012345678901" },
      "retirements-beneficiary-invalid",
    ],
    ["67 letters of three bytes", { beneficiary: "ế".repeat(67) }, "retirements-text-too-long"],
    ["an id of 41 bytes", { beneficiaryId: "1".repeat(41) }, "retirements-text-too-long"],
    ["a reason of 201 bytes", { reason: "r".repeat(201) }, "retirements-text-too-long"],
    ["details of 1,001 bytes", { details: "d".repeat(1_001) }, "retirements-text-too-long"],
    ["a country that is none", { consumptionCountry: "XX" }, "retirements-country-invalid"],
    ["half a period", { consumptionPeriodEnd: null }, "retirements-period-invalid"],
    ["a reversed period", { consumptionPeriodStart: "2025-01-01" }, "retirements-period-invalid"],
    ["no tonnes", { tonnes: "0" }, "units-amount-zero"],
    ["more than is held", { tonnes: "9007199254740993" }, "units-insufficient-balance"],
    ["serials of others", { blocks: [{ start: "60001", end: "60012" }] }, "units-block-not-held"],
    ["a batch that is none", { batch: "NONE" }, "registry-batch-unknown"],
    ["CORSIA without authorisation", { purpose: "corsia" as const }, "retirements-not-corsia-eligible"],
  ])("given %s, it should refuse", async (_what, differences, code) => {
    const answer = await retire(differences);
    expect(answer.body.code).toBe(code);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it.each([
    { purpose: "CORSIA" },
    { purpose: "offset" },
    { consumptionPeriodStart: "2024-02-30" },
    { consumptionPeriodStart: 19_000 },
    { beneficiary: "zero\u0000" },
    { beneficiary: "half \ud800" },
    { beneficiary: null },
    { beneficiaryCommitment: "0x12" },
    { extra: true },
    { details: undefined },
    { tonnes: 12 },
  ])("given %j, it should refuse the shape", async (differences) => {
    expect((await retireUnsigned(differences)).body.code).toBe("validation-failed");
  });

  it("given lower-case or day 1970-01-01, it should refuse with the contract's reason", async () => {
    expect((await retireUnsigned({ consumptionCountry: "vn" })).body.code).toBe("retirements-country-invalid");
    expect((await retireUnsigned({ consumptionPeriodStart: "1970-01-01" })).body.code).toBe(
      "retirements-period-invalid",
    );
  });

  it("should take texts that fill their limits in bytes", async () => {
    const answer = await retire({
      beneficiary: "ế".repeat(66) + "ab",
      details: "d".repeat(1_000),
      reason: "r".repeat(200),
    });
    expect(answer.body.status).toBe("final");
  });

  it("given another batch's authorisation for international mitigation, it should take CORSIA", async () => {
    const batchId = await stage.ledger.issueBatch({ code: "IMP-2024", recipient: holder.account });
    await stage.ledger.registry.authoriseBatch(batchId, 2, 1, id("authorisation"));
    await stage.synced();
    expect((await retire({ batch: "IMP-2024", purpose: "corsia" })).body.status).toBe("final");
  });
});

describe("GET /v1/retirements", () => {
  it("should filter and page, the latest first", async () => {
    await retire({ tonnes: "1", purpose: "compliance" });
    const { items } = (await stage.get("/v1/retirements")).body;
    const ids = items.map((item: { id: string }) => Number(item.id));
    expect(ids).toEqual(ids.toSorted((a: number, b: number) => b - a));

    const count = async (query: string) => (await stage.get(`/v1/retirements?${query}`)).body.items.length as number;
    expect(await count(`batch=${OLD}`)).toBe(1);
    expect(await count("purpose=compliance")).toBe(1);
    expect(await count("vintage=2019")).toBe(1);
    expect(await count("projectCode=PROJECT-A")).toBeGreaterThan(2);
    expect(await count("beneficiary=th%C3%A9p")).toBeGreaterThan(1);
    expect(await count(`account=${managed.account}`)).toBe(1);
    expect(await count("from=2100-01-01")).toBe(0);
    expect(await count("to=2100-01-01&limit=1")).toBe(1);
  });

  it("given an unknown or malformed number, it should say so", async () => {
    expect((await stage.get("/v1/retirements/999999")).body.code).toBe("not-found");
    for (const bad of ["0", "-1", "1.5", "abc", "9".repeat(30)]) {
      expect((await stage.get(`/v1/retirements/${bad}`)).body.code).toBe("validation-failed");
    }
    expect((await stage.get("/v1/retirements?purpose=fun")).body.code).toBe("validation-failed");
  });
});

describe("POST /v1/cancellations", () => {
  async function cancel(differences: object = {}) {
    const intent = {
      ...freshTerms(holder.account),
      batch: NEW,
      tonnes: "9",
      blocks: [],
      reason: "error" as const,
      details: "Booked twice",
      ...differences,
    };
    const { body } = await signedBody("cancellation", intent, holder.wallet, stage.domain);
    return stage.post("/v1/cancellations", body, WAIT);
  }

  it("should cancel, apart from retirements", async () => {
    const before = (await stage.get("/v1/retirements")).body.items.length;
    const answer = await cancel();
    const { cancellationId } = answer.body.result;
    const { body } = await stage.get(`/v1/cancellations/${cancellationId}`);
    expect(body).toMatchObject({
      id: cancellationId,
      batch: NEW,
      tonnes: "9",
      reason: "error",
      details: "Booked twice",
      participantId: holder.id,
      recordHash: await stage.ledger.retirements.cancellationHash(cancellationId),
      intentHash: answer.body.id,
      links: { self: `/v1/cancellations/${cancellationId}` },
    });
    expect((await stage.get("/v1/retirements")).body.items).toHaveLength(before);
    expect((await stage.get("/v1/cancellations?reason=error")).body.items).toHaveLength(1);
    expect((await stage.get("/v1/cancellations?reason=reversal")).body.items).toHaveLength(0);
  });

  it("should cancel for a managed account", async () => {
    const body = { batch: OLD, tonnes: "2", reason: "registry-move" };
    const answer = await stage.post("/v1/cancellations", body, { ...WAIT, ...managed.key });
    expect(answer.body).toMatchObject({ kind: "cancellation", status: "final" });
  });

  it("given details that are too long, or more than is held, it should refuse", async () => {
    expect((await cancel({ details: "d".repeat(1_001) })).body.code).toBe("retirements-text-too-long");
    expect((await cancel({ tonnes: "50001" })).body.code).toBe("units-insufficient-balance");
    expect((await cancel({ tonnes: "0" })).body.code).toBe("units-amount-zero");
  });

  it("given a suspended holder, it should refuse", async () => {
    const firm = await stage.managedFirm();
    await stage.ledger.participants.connect(stage.ledger.parts.compliance1).suspend(firm.id, id("reason"));
    await stage.synced();
    const body = { batch: OLD, tonnes: "1", reason: "other" };
    const answer = await stage.post("/v1/cancellations", body, { ...WAIT, ...firm.key });
    expect([answer.status, answer.body.code]).toEqual([409, "participant-suspended"]);
  });

  it("given an unknown reason, it should refuse", async () => {
    const body = { batch: OLD, tonnes: "1", reason: "because" };
    expect((await stage.post("/v1/cancellations", body, managed.key)).body.code).toBe("validation-failed");
  });
});
