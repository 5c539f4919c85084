import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { dayNumber } from "../../../src/chain/codes.js";
import { startRegistryDesk, type RegistryDesk } from "../../support/registry-desk.js";

let desk: RegistryDesk;
let project: string;
let statementId: string;
let batch: string;
let batches = 0;

beforeAll(async () => void (desk = await startRegistryDesk()));
afterAll(() => desk.close());
beforeEach(async () => {
  project = await desk.project();
  statementId = await desk.statement(project);
  batches += 1;
  batch = `ISSUE-${batches}`;
});

const propose = (differences: Record<string, unknown> = {}) =>
  desk.act("/issuances", desk.issuance(statementId, batch, differences));

async function proposed(differences: Record<string, unknown> = {}): Promise<string> {
  const answer = await propose(differences);
  expect(answer.body.status).toBe("final");
  return answer.body.result.issuanceId;
}

const approve = (id: string, registrar = desk.officers.registrar2) =>
  desk.act(`/issuances/${id}/approve`, {}, registrar);

describe("POST /v1/issuances", () => {
  it("should claim the tonnes, and show the proposal with its document", async () => {
    const answer = await propose({ tonnes: "400000" });

    const id = answer.body.result.issuanceId;
    expect([answer.status, answer.headers.get("location")]).toEqual([201, `/v1/issuances/${id}`]);
    const found = await desk.get(`/v1/issuances/${id}`);
    expect(found.body).toMatchObject({
      id,
      batch,
      projectCode: project,
      statementId,
      vintage: 2024,
      tonnes: "400000",
      recipient: desk.developer.account,
      foreignBlock: null,
      document: { source: "test" },
      status: "proposed",
      proposer: desk.keys.registrar1.address,
      approver: null,
      proposedBlock: answer.body.blockNumber,
      decidedBlock: null,
    });
    expect((await desk.get(`/v1/verification-statements/${statementId}`)).body.claimedTonnes).toBe("400000");
    expect((await desk.get(`/v1/batches/${batch}`)).status).toBe(404);
  });

  it("given an unknown statement, it should refuse", async () => {
    const answer = await propose({ statementId: `0x${"ab".repeat(32)}` });
    expect([answer.status, answer.body.code]).toEqual([404, "registry-statement-unknown"]);
  });

  it.each([2023, 2025])("given a statement for another period than vintage %i, it should refuse", async (vintage) => {
    const answer = await propose({ vintage });
    expect([answer.status, answer.body.code]).toEqual([422, "registry-vintage-outside-period"]);
    const [periodStart, periodEnd] = [dayNumber("2024-01-01"), dayNumber("2024-12-31")];
    expect(answer.body.evidence).toEqual({ vintage, periodStart, periodEnd });
  });

  it("given a statement for another owner's project, it should refuse", async () => {
    const other = await desk.firm();
    const answer = await propose({ recipient: other.account });
    expect([answer.status, answer.body.code]).toEqual([409, "registry-recipient-invalid"]);
    expect(answer.body.evidence).toEqual({ recipient: other.account, ownerId: desk.developer.id });
  });

  it("given more tonnes than are verified and not claimed, it should refuse and say what is left", async () => {
    await proposed({ tonnes: "999999" });
    const answer = await propose({ batch: `${batch}-B`, tonnes: "2" });
    expect([answer.status, answer.body.code]).toEqual([409, "registry-statement-exceeded"]);
    expect(answer.body.evidence).toEqual({ statementId, availableTonnes: "1", tonnes: "2" });
  });

  it("given a code that was used, even by a rejected proposal, it should refuse", async () => {
    const id = await proposed();
    await desk.act(`/issuances/${id}/reject`, { reason: "A mistake" });
    const answer = await propose();
    expect([answer.status, answer.body.code]).toEqual([409, "registry-code-taken"]);
  });

  it("given a project that is no longer registered, it should refuse", async () => {
    await desk.act(`/projects/${project}/status`, { status: "inactive" });
    const answer = await propose();
    expect([answer.status, answer.body.code]).toEqual([409, "registry-project-not-registered"]);
  });

  it.each(["0", "-1", "1.5", 1000, "", "18446744073709551616"])(
    "given %j tonnes, it should name the field",
    async (tonnes) => {
      const answer = await propose({ tonnes });
      expect([answer.status, answer.body.errors[0].path]).toEqual([400, "/body/tonnes"]);
    },
  );

  it("given an amount above 2^53, it should refuse it exactly", async () => {
    const answer = await propose({ tonnes: "9007199254740993" });
    expect([answer.body.code, answer.body.evidence.tonnes]).toEqual([
      "registry-statement-exceeded",
      "9007199254740993",
    ]);
  });

  it.each([
    ["an unknown field", { colour: "green" }, "/body/colour"],
    [
      "an unknown field of the foreign block",
      { foreignBlock: { programme: "VCS", series: "1", start: "1", end: "9", x: 1 } },
      "/body/foreignBlock/x",
    ],
    [
      "a foreign block without series",
      { foreignBlock: { programme: "VCS", start: "1", end: "9" } },
      "/body/foreignBlock/series",
    ],
    ["a vintage that is no year", { vintage: 20245 }, "/body/vintage"],
    ["a statement id that is cut", { statementId: "0x12" }, "/body/statementId"],
  ])("given %s, it should name the field", async (_what, differences, path) => {
    const answer = await propose(differences);
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([400, "validation-failed", path]);
  });

  it("given a verifier's key, it should refuse", async () => {
    const answer = await desk.act("/issuances", desk.issuance(statementId, batch), desk.officers.verifier);
    expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
  });
});

describe("POST /v1/issuances/{id}/approve", () => {
  it("given another registrar, it should issue the batch", async () => {
    const id = await proposed();
    const answer = await approve(id);

    expect([answer.status, answer.headers.get("location")]).toEqual([201, `/v1/batches/${batch}`]);
    expect(answer.body.result).toMatchObject({ issuanceId: id, batch });
    expect((await desk.get(`/v1/issuances/${id}`)).body).toMatchObject({
      status: "approved",
      approver: desk.keys.registrar2.address,
      decidedBlock: answer.body.blockNumber,
    });
    expect((await desk.get(`/v1/batches/${batch}`)).body).toMatchObject({
      code: batch,
      projectCode: project,
      statementId,
      issuedTonnes: "1000",
      heldTonnes: "1000",
      txHash: answer.body.txHash,
    });
  });

  it("given the proposer, it should refuse", async () => {
    const id = await proposed();
    const answer = await approve(id, desk.officers.registrar1);
    expect([answer.status, answer.body.code]).toEqual([403, "registry-same-registrar"]);
    expect(answer.body.evidence).toEqual({ registrar: desk.keys.registrar1.address });
  });

  it("given one that is decided, it should refuse", async () => {
    const id = await proposed();
    await approve(id);
    const answer = await approve(id);
    expect([answer.status, answer.body.code]).toEqual([409, "registry-issuance-status-invalid"]);
  });

  it("given an unknown one, it should refuse", async () => {
    const answer = await approve(`0x${"00".repeat(32)}`);
    expect([answer.status, answer.body.code]).toEqual([404, "not-found"]);
  });

  it("given a body with a field, it should refuse", async () => {
    const id = await proposed();
    const answer = await desk.act(`/issuances/${id}/approve`, { sure: true }, desk.officers.registrar2);
    expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
  });
});

describe("an import", () => {
  const block = (start: string, end: string, series = batch) => ({ programme: "VCS", series, start, end });

  it("given blocks in any order, approved at once, it should find the place of each when it is sent", async () => {
    const ids: string[] = [];
    for (const [n, start] of [5_001, 1, 9_001, 3_001, 7_001].entries()) {
      const foreignBlock = block(`${start}`, `${start + 999}`);
      ids.push(await proposed({ batch: `${batch}-${n}`, foreignBlock }));
    }

    desk.connection.faults.isDown = true;
    const accepted: string[] = [];
    for (const id of ids) {
      const answer = await desk.post(`/v1/issuances/${id}/approve`, {}, desk.officers.registrar2);
      accepted.push(answer.body.id);
    }
    desk.connection.faults.isDown = false;

    for (const id of accepted) {
      const ended = await desk.get(`/v1/operations/${id}`, { prefer: "wait=30", ...desk.officers.registrar1 });
      expect([ended.body.status, ended.body.problem]).toEqual(["final", null]);
    }
    const listed = await desk.get(`/v1/batches?programme=VCS&projectCode=${project}`);
    expect(listed.body.items).toHaveLength(5);
    expect(listed.body.items[1].foreignBlock).toEqual(block("1", "1000"));
  });

  it.each([
    ["reversed", "1000", "1"],
    ["shorter than the issuance", "1", "999"],
    ["longer than the issuance", "1", "1001"],
  ])("given a block that is %s, it should refuse", async (_what, start, end) => {
    const answer = await propose({ foreignBlock: block(start, end) });
    expect([answer.status, answer.body.code]).toEqual([422, "registry-foreign-block-invalid"]);
    expect(answer.body.evidence).toEqual({ start, end, tonnes: "1000" });
  });

  it.each([
    ["the same", "1001", "2000"],
    ["one that shares the first serial", "2000", "2999"],
    ["one that shares the last serial", "2", "1001"],
  ])("given a recorded block, %s should be refused", async (_what, start, end) => {
    await approve(await proposed({ foreignBlock: block("1001", "2000") }));
    const answer = await propose({ batch: `${batch}-B`, foreignBlock: block(start, end) });
    expect([answer.status, answer.body.code]).toEqual([409, "interval-set-overlap"]);
    expect(answer.body.evidence).toEqual({ existingStart: "1001", existingEnd: "2000" });
  });

  it("given two proposals of the same block, it should refuse the second approval", async () => {
    const first = await proposed({ foreignBlock: block("1", "1000") });
    const second = await proposed({ batch: `${batch}-B`, foreignBlock: block("1", "1000") });
    await approve(first);
    const answer = await approve(second);
    expect([answer.status, answer.body.code]).toEqual([409, "interval-set-overlap"]);
  });
});

describe("POST /v1/issuances/{id}/reject", () => {
  it("should give the tonnes back and keep the reason", async () => {
    const id = await proposed();
    const answer = await desk.act(`/issuances/${id}/reject`, { reason: "Báo cáo thiếu" }, desk.officers.registrar2);

    expect([answer.status, answer.body.status]).toEqual([201, "final"]);
    expect((await desk.get(`/v1/issuances/${id}`)).body).toMatchObject({
      status: "rejected",
      rejecter: desk.keys.registrar2.address,
      reason: "Báo cáo thiếu",
    });
    expect((await desk.get(`/v1/verification-statements/${statementId}`)).body.claimedTonnes).toBe("0");
    const late = await approve(id);
    expect([late.status, late.body.code]).toEqual([409, "registry-issuance-status-invalid"]);
  });

  it("given no reason, it should refuse", async () => {
    const id = await proposed();
    expect((await desk.act(`/issuances/${id}/reject`, {})).status).toBe(400);
    expect((await desk.act(`/issuances/${id}/reject`, { reason: "" })).status).toBe(400);
  });
});

describe("GET /v1/issuances", () => {
  it("should filter by status, batch, project and statement", async () => {
    const id = await proposed();
    for (const filter of [`batch=${batch}`, `projectCode=${project}`, `statementId=${statementId}&status=proposed`]) {
      const { body } = await desk.get(`/v1/issuances?${filter}`);
      expect(body.items.map((item: { id: string }) => item.id)).toEqual([id]);
    }
    expect((await desk.get(`/v1/issuances?statementId=${statementId}&status=approved`)).body.items).toEqual([]);
  });
});
