import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { startRegistryDesk, type RegistryDesk } from "../../support/registry-desk.js";
import { freshTerms, signedBody } from "../../support/service.js";

let desk: RegistryDesk;
let batch: string;
let batches = 0;

beforeAll(async () => void (desk = await startRegistryDesk()));
afterAll(() => desk.close());
beforeEach(async () => {
  batches += 1;
  batch = `BATCH-${batches}`;
  await desk.ledger.issueBatch({ code: batch, project: `P-${batches}`, recipient: desk.developer.account });
  await desk.synced();
});

const get = async (code = batch) => (await desk.get(`/v1/batches/${code}`)).body;
const authorise = (authorisations: string[], firstTransfer = "authorisation") =>
  desk.act(`/batches/${batch}/authorisation`, { authorisations, firstTransfer, document: { letter: "12/BTNMT" } });

describe("POST /v1/batches/{code}/authorisation", () => {
  it("should make a late vintage eligible for CORSIA only with IMP", async () => {
    expect(await get()).toMatchObject({ authorisations: [], firstTransfer: "unspecified", corsiaEligible: false });
    await authorise(["NDC"]);
    expect(await get()).toMatchObject({ authorisations: ["NDC"], corsiaEligible: false });
    const answer = await authorise(["OP", "NDC", "IMP"], "use");
    expect([answer.status, answer.body.result]).toEqual([201, { batch }]);
    expect(await get()).toMatchObject({
      authorisations: ["NDC", "IMP", "OP"],
      firstTransfer: "use",
      corsiaEligible: true,
    });
  });

  it("given a purpose less than before, it should say what the contract says", async () => {
    await authorise(["IMP", "OP"]);
    const answer = await authorise(["IMP"]);
    expect([answer.status, answer.body.code]).toEqual([422, "registry-authorisations-invalid"]);
  });

  it.each([[[]], [["OIMP"]], ["IMP"]])("given the purposes %j, it should name the field", async (authorisations) => {
    const answer = await authorise(authorisations as string[]);
    expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
  });

  it("given an unknown batch, it should refuse", async () => {
    const body = { authorisations: ["IMP"], firstTransfer: "use", document: {} };
    const answer = await desk.act("/batches/NOWHERE/authorisation", body);
    expect([answer.status, answer.body.code]).toEqual([404, "registry-batch-unknown"]);
  });
});

describe("POST /v1/batches/{code}/authorisation/revoke", () => {
  it("should be final", async () => {
    await authorise(["IMP"]);
    const revoke = () =>
      desk.act(`/batches/${batch}/authorisation/revoke`, { reason: "Letter withdrawn" }, desk.officers.compliance);
    expect((await revoke()).status).toBe(201);
    expect(await get()).toMatchObject({ authorisations: [], authorisationRevoked: true, corsiaEligible: false });
    for (const answer of [await revoke(), await authorise(["IMP"])]) {
      expect([answer.status, answer.body.code]).toEqual([409, "registry-authorisation-revoked"]);
    }
  });

  it("given a registrar, it should refuse", async () => {
    const answer = await desk.act(`/batches/${batch}/authorisation/revoke`, { reason: "x" }, desk.officers.registrar1);
    expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
  });
});

describe("POST /v1/batches/{code}/pause and unpause", () => {
  it("should let the guardian stop, and only a compliance officer start again", async () => {
    const { guardian, compliance } = desk.officers;
    expect((await desk.act(`/batches/${batch}/pause`, {}, guardian)).body.status).toBe("final");
    expect((await get()).paused).toBe(true);
    expect((await desk.act(`/batches/${batch}/unpause`, {}, guardian)).status).toBe(403);
    expect((await desk.act(`/batches/${batch}/unpause`, {}, compliance)).body.status).toBe("final");
    expect((await get()).paused).toBe(false);
  });
});

describe("GET /v1/batches", () => {
  const codes = async (query: string) =>
    (await desk.get(`/v1/batches?${query}`)).body.items.map((item: { code: string }) => item.code);

  it("should filter by project, vintage, programme and authorisation", async () => {
    await authorise(["NDC"]);
    expect(await codes(`projectCode=P-${batches}`)).toEqual([batch]);
    expect(await codes(`projectCode=P-${batches}&vintage=2024&authorised=true`)).toEqual([batch]);
    expect(await codes(`projectCode=P-${batches}&vintage=2023`)).toEqual([]);
    expect(await codes(`projectCode=P-${batches}&authorised=false`)).toEqual([]);
    expect(await codes(`projectCode=P-${batches}&programme=VCS`)).toEqual([]);
  });

  it.each(["vintage=24", "authorised=maybe", "projectCode=small", "colour=green"])(
    "given %s, it should refuse",
    async (query) => {
      const answer = await desk.get(`/v1/batches?${query}`);
      expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
    },
  );

  it("given a page size out of range, it should refuse", async () => {
    for (const limit of ["0", "201", "-1", "x"]) {
      const answer = await desk.get(`/v1/batches?limit=${limit}`);
      expect([answer.status, answer.body.code]).toEqual([400, "page-size"]);
    }
  });
});

describe("GET /v1/batches/{code}/serials/{n}", () => {
  const serial = (n: string) => desk.get(`/v1/batches/${batch}/serials/${n}`);

  it("should tell who holds, retired or cancelled it", async () => {
    const { account, wallet } = desk.developer;
    const order = { tonnes: "10", blocks: [{ start: "101", end: "110" }], batch, reason: "", details: "" };
    const retirement = {
      ...freshTerms(account),
      ...order,
      beneficiary: "Thép Việt",
      beneficiaryId: "",
      beneficiaryCommitment: null,
      purpose: "voluntary" as const,
      consumptionCountry: null,
      consumptionPeriodStart: null,
      consumptionPeriodEnd: null,
    };
    const { body } = await signedBody("retirement", retirement, wallet, desk.domain);
    const retired = await desk.post("/v1/retirements", body, { prefer: "wait=30" });
    expect(retired.body.status).toBe("final");

    expect((await serial("100")).body).toMatchObject({
      serial: "100",
      state: "held",
      block: { start: "1", end: "100" },
      account,
    });
    const { retirementId } = retired.body.result;
    expect((await serial("101")).body).toMatchObject({
      batch,
      state: "retired",
      block: { start: "101", end: "110" },
      retirementId,
      cancellationId: null,
      links: { retirement: `/v1/retirements/${retirementId}` },
    });
  });

  it.each(["1001", "18446744073709551615"])("given serial %s, which was never issued, it should say 404", async (n) => {
    const answer = await serial(n);
    expect([answer.status, answer.body.code]).toEqual([404, "not-found"]);
  });

  it.each(["0", "-1", "1.5", "01", "x"])("given %s, which is no serial, it should refuse", async (n) => {
    expect((await serial(n)).status).toBe(400);
  });
});
