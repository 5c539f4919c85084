import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { dayNumber } from "../../../src/chain/codes.js";
import { ROLES } from "../../../src/chain/roles.js";
import { startRegistryDesk, type RegistryDesk } from "../../support/registry-desk.js";

const PATH = "/verification-statements";

let desk: RegistryDesk;
let project: string;
beforeAll(async () => void (desk = await startRegistryDesk()));
afterAll(() => desk.close());
beforeEach(async () => void (project = await desk.project()));

const period = (start: string, end: string) => ({ periodStart: dayNumber(start), periodEnd: dayNumber(end) });

/** Without a key. */
const send = (body: unknown) => desk.post(`/v1${PATH}`, body, { prefer: "wait=30" });

describe("POST /v1/verification-statements given the verifier's signature", () => {
  it("should record it without an API key, under its digest", async () => {
    const body = await desk.signedStatement(project, { verifiedTonnes: 2n ** 53n + 1n });
    const answer = await send(body);

    const id = await desk.ledger.registry.hashStatement(
      desk.ledger.statementOf(project, { verifiedTonnes: 2n ** 53n + 1n }),
    );
    expect([answer.status, answer.headers.get("location")]).toEqual([201, `/v1/verification-statements/${id}`]);
    expect(answer.body).toMatchObject({ id, kind: "statement.record", result: { statementId: id } });
    const found = await desk.get(`/v1${PATH}/${id}`);
    expect(found.body).toMatchObject({
      ...body.statement,
      id,
      verifiedTonnes: "9007199254740993",
      claimedTonnes: "0",
      txHash: answer.body.txHash,
    });
  });

  it("given the same again, it should be the same operation, and recorded once", async () => {
    const body = await desk.signedStatement(project);
    const first = await send(body);
    const again = await send(body);
    expect([again.status, again.body.id, again.body.txHash]).toEqual([201, first.body.id, first.body.txHash]);
    expect((await desk.get(`/v1${PATH}?projectCode=${project}`)).body.items).toHaveLength(1);
  });

  it("given many at once in any order, it should find the place of each when it is sent", async () => {
    const years = [2022, 2018, 2020, 2019, 2021];
    desk.connection.faults.isDown = true;
    const ids: string[] = [];
    for (const year of years) {
      const body = await desk.signedStatement(project, period(`${year}-01-01`, `${year}-12-31`));
      const accepted = await desk.post(`/v1${PATH}`, body);
      expect(accepted.status).toBe(202);
      ids.push(accepted.body.id);
    }
    desk.connection.faults.isDown = false;

    for (const id of ids) {
      const ended = await desk.get(`/v1/operations/${id}`, { prefer: "wait=30" });
      expect([ended.body.status, ended.body.problem]).toEqual(["final", null]);
    }
  });

  it("given one that was rejected, it should take it again once it can succeed, as another operation", async () => {
    const { registrar1 } = desk.officers;
    await desk.act("/projects", { code: "LATE", ownerId: desk.developer.id, bufferBasisPoints: 0, document: {} });
    const body = await desk.signedStatement("LATE");
    // Something is under way, so only the contract can refuse.
    desk.connection.faults.isDown = true;
    await desk.post("/v1/projects/LATE/status", { status: "validated" }, registrar1);
    const accepted = await desk.post(`/v1${PATH}`, body);
    desk.connection.faults.isDown = false;
    const refused = await desk.get(`/v1/operations/${accepted.body.id}`, { prefer: "wait=30" });
    expect([refused.body.status, refused.body.problem.code]).toEqual(["rejected", "registry-project-not-registered"]);

    await desk.act("/projects/LATE/status", { status: "registered" });
    const answer = await send(body);
    expect([answer.status, answer.body.status]).toEqual([201, "final"]);
    expect(answer.body.id).not.toBe(accepted.body.id);
    expect(answer.body.result.statementId).toBe(accepted.body.id);
  });

  it("given a contract that is a verifier, it should ask the contract (ERC-1271)", async () => {
    const owner = desk.keys.verifier;
    const wallet = await desk.ledger.ethers.deployContract("WalletMock", [owner.address]);
    const verifier = await wallet.getAddress();
    await desk.ledger.access.grantRole(ROLES.VERIFIER, verifier, 0);
    await desk.synced();

    const answer = await send(await desk.signedStatement(project, { verifier }, owner));
    expect([answer.status, answer.body.status]).toEqual([201, "final"]);
    const forged = await send(
      await desk.signedStatement(project, { verifier, ...period("2020-01-01", "2020-12-31") }, desk.keys.registrar1),
    );
    expect([forged.status, forged.body.code]).toEqual([422, "registry-statement-signature-invalid"]);
  });

  it("given one that was signed for another project, period, amount, report or chain, it should refuse", async () => {
    const body = await desk.signedStatement(project);
    const other = await desk.project();
    const foreign = await desk.signedStatement(project, {}, desk.keys.verifier, { ...desk.ledger.domain, chainId: 1n });
    const altered = [
      { ...body, statement: { ...body.statement, projectCode: other } },
      { ...body, statement: { ...body.statement, periodEnd: "2024-06-30" } },
      { ...body, statement: { ...body.statement, verifiedTonnes: "1000001" } },
      { ...body, statement: { ...body.statement, reportHash: `0x${"11".repeat(32)}` } },
      { ...body, signature: `${body.signature.slice(0, -2)}00` },
      { ...body, signature: "0x" },
      foreign,
    ];
    for (const wrong of altered) {
      const answer = await send(wrong);
      expect([answer.status, answer.body.code]).toEqual([422, "registry-statement-signature-invalid"]);
    }
  });

  it("given a signer without the role, it should refuse", async () => {
    const { registrar1 } = desk.keys;
    const answer = await send(await desk.signedStatement(project, { verifier: registrar1.address }, registrar1));
    expect([answer.status, answer.body.code]).toEqual([403, "registry-not-verifier"]);
  });

  it("given a period that shares a day with a recorded one, it should refuse", async () => {
    await desk.statement(project);
    for (const [start, end] of [
      ["2023-01-01", "2024-01-01"],
      ["2024-12-31", "2025-12-31"],
      ["2024-06-01", "2024-06-02"],
      ["2020-01-01", "2030-12-31"],
    ] as const) {
      const answer = await send(await desk.signedStatement(project, period(start, end)));
      expect([answer.status, answer.body.code]).toEqual([409, "registry-period-overlap"]);
      expect(answer.body.evidence).toEqual({ existingStart: dayNumber("2024-01-01") });
    }
  });

  it("given a reversed period, it should refuse", async () => {
    const answer = await send(await desk.signedStatement(project, period("2024-12-31", "2024-01-01")));
    expect([answer.status, answer.body.code]).toEqual([409, "registry-period-invalid"]);
  });

  it("given a project that is unknown, or not registered, it should refuse", async () => {
    const unknown = await send(await desk.signedStatement("NOWHERE"));
    expect([unknown.status, unknown.body.code]).toEqual([404, "registry-project-unknown"]);
    await desk.act("/projects", { code: "EARLY", ownerId: desk.developer.id, bufferBasisPoints: 0, document: {} });
    const early = await send(await desk.signedStatement("EARLY"));
    expect([early.status, early.body.code]).toEqual([409, "registry-project-not-registered"]);
  });

  it.each(["0", "-1", "1.5", "1e3", "", " 1", "01", "18446744073709551616", 1000, null])(
    "given %j tonnes, it should name the field",
    async (verifiedTonnes) => {
      const body = await desk.signedStatement(project);
      const answer = await send({ ...body, statement: { ...body.statement, verifiedTonnes } });
      expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
      expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(
        "/body/statement/verifiedTonnes",
      );
    },
  );

  it.each([
    ["an unknown field", { extra: 1 }],
    ["a day that the calendar does not have", { periodEnd: "2024-02-30" }],
    ["a day before the contract's first", { periodStart: "1970-01-01" }],
    ["an address with a wrong checksum", { verifier: "0x70997970C51812dc3A010C7d01b50e0d17dc79c8" }],
  ])("given %s, it should refuse", async (_what, differences) => {
    const body = await desk.signedStatement(project);
    const answer = await send({ ...body, statement: { ...body.statement, ...differences } });
    expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
  });
});

describe("POST /v1/verification-statements given no signature", () => {
  const unsigned = () => ({
    statement: {
      projectCode: project,
      periodStart: "2019-01-01",
      periodEnd: "2019-12-31",
      verifiedTonnes: "5000",
      reportHash: desk.reportHash,
    },
  });

  it("given a verifier's key, the service should sign with its account", async () => {
    const answer = await desk.act(PATH, unsigned(), desk.officers.verifier);
    expect([answer.status, answer.body.account]).toEqual([201, desk.keys.verifier.address]);
    const found = await desk.get(answer.headers.get("location")!);
    expect(found.body).toMatchObject({
      verifier: desk.keys.verifier.address,
      periodStart: "2019-01-01",
      verifiedTonnes: "5000",
    });
  });

  it("given no key, or another officer's, it should refuse", async () => {
    expect((await send(unsigned())).status).toBe(401);
    expect((await desk.act(PATH, unsigned(), desk.officers.registrar1)).status).toBe(403);
  });
});

describe("GET /v1/verification-statements", () => {
  it("should filter by project and verifier", async () => {
    const id = await desk.statement(project);
    const byProject = await desk.get(`/v1${PATH}?projectCode=${project}`);
    expect(byProject.body.items.map((item: { id: string }) => item.id)).toEqual([id]);
    const byOther = await desk.get(`/v1${PATH}?projectCode=${project}&verifier=${desk.developer.account}`);
    expect(byOther.body.items).toEqual([]);
  });

  it("given an unknown id, it should say 404", async () => {
    expect((await desk.get(`/v1${PATH}/0x${"00".repeat(32)}`)).status).toBe(404);
  });
});
