import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { beneficiaryCommitment } from "../../../src/verify/person.js";
import { parseTrust, verifyFile } from "../../../src/verify/verify.js";
import { startTestService, type TestFirm, type TestService } from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const BATCH = "PERSON-2024";
const PERSON = { name: "Nguyễn Thị Ánh Nguyệt", identifier: "048090001234" };
const SALT = `0x${"5a".repeat(32)}`;

let stage: TestService;
let firm: TestFirm;
let other: TestFirm;
let officer: { authorization: string };
let registrar: { authorization: string };
let admin: { authorization: string };
let auditor: { authorization: string };

beforeAll(async () => {
  stage = await startTestService();
  firm = await stage.managedFirm();
  other = await stage.managedFirm();
  registrar = await stage.officerKey("registrar", "registrar1");
  officer = await stage.officerKey("compliance-officer", "compliance1");
  admin = await stage.keyOf({ scope: "admin", label: "admin" });
  auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
  await stage.ledger.issueBatch({ code: BATCH, recipient: firm.account, tonnes: 10_000 });
  await stage.synced();
}, 120_000);
afterAll(() => stage.close());

const keep = (body: object, key = firm.key) => stage.post("/v1/personal-data", body, key);
const erase = (commitment: string, headers: Record<string, string>) =>
  stage.send(`/v1/personal-data/${commitment}`, { method: "DELETE", headers });

/** Retires a tonne for whoever is behind a commitment. @returns the retirement's number */
async function retireFor(commitment: string): Promise<string> {
  const body = { batch: BATCH, tonnes: "1", purpose: "voluntary", beneficiaryCommitment: commitment };
  const answer = await stage.post("/v1/retirements", body, { ...WAIT, ...firm.key });
  return answer.body.result.retirementId;
}

/** A person known to the service, and a retirement for them. */
async function known(name: string) {
  const { body } = await keep({ name });
  return {
    name,
    commitment: body.commitment as string,
    salt: body.salt as string,
    id: await retireFor(body.commitment),
  };
}

async function bytesAt(path: string): Promise<Uint8Array> {
  const response = await fetch(`${stage.url}${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return new Uint8Array(await response.arrayBuffer());
}

describe("POST /v1/personal-data", () => {
  it("should give the commitment that anybody can compute from name, identifier and salt", async () => {
    const { status, body } = await keep(PERSON);
    expect(status).toBe(201);
    expect(body.commitment).toBe(beneficiaryCommitment({ ...PERSON, salt: body.salt }));
    expect((await keep(PERSON)).body.commitment).not.toBe(body.commitment);
  });

  it("given the salt, it should answer the same as often as it is asked, letters composed or not", async () => {
    const first = await keep({ ...PERSON, salt: SALT });
    const again = await keep({ ...PERSON, name: PERSON.name.normalize("NFD"), salt: SALT });
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  it("should hold a commitment that is on the chain already against the rest", async () => {
    const commitment = beneficiaryCommitment({ name: "An", identifier: null, salt: SALT });
    expect((await keep({ name: "An", salt: SALT, commitment })).status).toBe(201);
    expect((await keep({ name: "Anh", salt: SALT, commitment })).body).toMatchObject({
      code: "personal-data-mismatch",
    });
    expect((await keep({ name: "An", salt: SALT }, other.key)).body).toMatchObject({ code: "forbidden" });
  });

  it("should refuse whoever is no participant, and what is no name", async () => {
    expect((await stage.post("/v1/personal-data", PERSON)).status).toBe(401);
    expect((await keep(PERSON, officer)).status).toBe(403);
    for (const name of ["", "x".repeat(201), "a\u0000b", "\ud800", 7, null])
      expect([name, (await keep({ name })).status]).toEqual([name, 400]);
  });
});

describe("GET /v1/retirements/{id}/beneficiary", () => {
  it("should open the commitment to the firm that retired and to institutions, and to nobody else", async () => {
    const { id, ...person } = await known("Trần Văn Bình");
    for (const key of [firm.key, officer, admin, auditor]) {
      const { status, body } = await stage.get(`/v1/retirements/${id}/beneficiary`, key);
      expect([status, body]).toEqual([200, { ...person, identifier: null }]);
    }
    expect((await stage.get(`/v1/retirements/${id}/beneficiary`)).status).toBe(401);
    expect((await stage.get(`/v1/retirements/${id}/beneficiary`, other.key)).status).toBe(403);
    expect((await stage.get(`/v1/retirements/${id}`)).text).not.toContain(person.salt);
  });

  it("should write down who read, and not what", async () => {
    const { id, name } = await known("Lê Thị Hồng Gấm");
    const path = `/v1/retirements/${id}/beneficiary`;
    await stage.get(path, firm.key);
    await stage.get(path, auditor);
    const rows = await stage.db.selectFrom("access_log").selectAll().where("url", "=", path).execute();
    expect(rows).toMatchObject([{ scope: "auditor", route: "/retirements/{id}/beneficiary" }]);
    expect(JSON.stringify(rows, (_key, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain(
      name,
    );
  });

  it("should be not found for a company, for an unknown retirement, and where nobody told the name", async () => {
    const untold = await retireFor(`0x${"42".repeat(32)}`);
    const body = { batch: BATCH, tonnes: "1", purpose: "voluntary", beneficiary: "Công ty" };
    const company = await stage.post("/v1/retirements", body, { ...WAIT, ...firm.key });
    for (const id of [untold, company.body.result.retirementId, "999999"])
      expect((await stage.get(`/v1/retirements/${id}/beneficiary`, officer)).status).toBe(404);
  });
});

describe("DELETE /v1/personal-data/{commitment}", () => {
  it("should leave totals, proof and certificate as they are, for whoever holds the salt", async () => {
    const { id, commitment, name, salt } = await known("Phạm Quỳnh Như");
    const before = (await stage.get(`/v1/batches/${BATCH}`)).body;
    const person = { name, identifier: null, salt };

    expect((await erase(commitment, firm.key)).status).toBe(204);

    const gone = await stage.get(`/v1/retirements/${id}/beneficiary`, firm.key);
    expect([gone.status, gone.body.code]).toEqual([410, "personal-data-erased"]);
    const row = await stage.db
      .selectFrom("personal_data")
      .selectAll()
      .where("commitment", "=", commitment)
      .executeTakeFirst();
    expect(row).toMatchObject({ name: null, identifier: null, salt: null, erased_at: expect.any(Date) });

    expect((await stage.get(`/v1/batches/${BATCH}`)).body).toEqual(before);
    expect((await stage.get(`/v1/retirements/${id}`)).body).toMatchObject({
      tonnes: "1",
      beneficiaryCommitment: commitment,
    });

    const trust = parseTrust(await bytesAt("/v1/trust"));
    for (const path of [`/v1/retirements/${id}/proof`, `/v1/retirements/${id}/certificate.pdf?language=en`]) {
      const file = await bytesAt(path);
      expect(verifyFile(file, trust)).toMatchObject({ accepted: true, facts: { personConfirmed: null } });
      expect(verifyFile(file, trust, { person })).toMatchObject({ accepted: true, facts: { personConfirmed: true } });
      const wrong = verifyFile(file, trust, { person: { ...person, salt: SALT } });
      expect(wrong).toMatchObject({ accepted: false, reasons: [{ code: "person-mismatch" }] });
      expect(Buffer.from(file).toString("utf8")).not.toContain(name);
    }
  });

  it("should be the right of the own firm, the compliance officer and the administrator", async () => {
    for (const key of [firm.key, officer, admin]) {
      const { body } = await keep({ name: "Võ Thị Sáu" });
      expect((await erase(body.commitment, other.key)).status).toBe(404);
      expect((await erase(body.commitment, registrar)).status).toBe(403);
      expect((await erase(body.commitment, auditor)).status).toBe(403);
      expect((await erase(body.commitment, {})).status).toBe(401);
      expect((await erase(body.commitment, key)).status).toBe(204);
    }
    expect((await erase(`0x${"00".repeat(32)}`, admin)).status).toBe(404);
  });

  it("given it was done, it should be done, and the name should not come back", async () => {
    const salt = `0x${"3c".repeat(32)}`;
    const { commitment } = (await keep({ ...PERSON, salt })).body;
    const erased = () =>
      stage.db
        .selectFrom("personal_data")
        .select(["erased_at", "erased_by"])
        .where("commitment", "=", commitment)
        .execute();
    expect((await erase(commitment, officer)).status).toBe(204);
    const first = await erased();
    expect((await erase(commitment, firm.key)).status).toBe(204);
    expect(await erased()).toEqual(first);
    expect((await keep({ ...PERSON, salt })).body).toMatchObject({ code: "personal-data-erased" });
  });
});
