import { keccak256, toUtf8Bytes } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CAPABILITIES } from "../../support/ledger.js";
import { startRegistryDesk, type RegistryDesk } from "../../support/registry-desk.js";

let desk: RegistryDesk;
beforeAll(async () => void (desk = await startRegistryDesk()));
afterAll(() => desk.close());

const DOCUMENT = { programme: "VCS", name: "Rừng Hạ Long", number: 12.5, methodology: "VM0007" };

const listing = (code: string, differences: Record<string, unknown> = {}) => ({
  code,
  ownerId: desk.developer.id,
  bufferBasisPoints: 250,
  document: DOCUMENT,
  ...differences,
});

describe("POST /v1/projects", () => {
  it("should list the project with its public record, whose canonical form is hashed", async () => {
    const answer = await desk.act("/projects", listing("PROJECT-1"));

    expect([answer.status, answer.headers.get("location")]).toEqual([201, "/v1/projects/PROJECT-1"]);
    expect(answer.body).toMatchObject({ kind: "project.list", status: "final", role: "registrar" });
    const found = await desk.get("/v1/projects/PROJECT-1");
    expect(found.body).toMatchObject({
      code: "PROJECT-1",
      ownerId: desk.developer.id,
      status: "listed",
      bufferBasisPoints: 250,
      name: "Rừng Hạ Long",
      document: DOCUMENT,
      txHash: answer.body.txHash,
      blockNumber: answer.body.blockNumber,
    });
    const canonical = '{"methodology":"VM0007","name":"Rừng Hạ Long","number":12.5,"programme":"VCS"}';
    expect(found.body.documentHash).toBe(keccak256(toUtf8Bytes(canonical)));
    expect(found.body.links.transaction).toBe(`/v1/transactions/${answer.body.txHash}`);
  });

  it("given the same Idempotency-Key again, it should be the same operation", async () => {
    const headers = { ...desk.officers.registrar1, prefer: "wait=20", "idempotency-key": "list-2" };
    const first = await desk.post("/v1/projects", listing("PROJECT-2"), headers);
    const again = await desk.post("/v1/projects", listing("PROJECT-2"), headers);
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
    const other = await desk.post("/v1/projects", listing("PROJECT-3"), headers);
    expect([other.status, other.body.code]).toEqual([409, "idempotency-conflict"]);
  });

  it("given acts that build on each other and are not waited for, it should accept and do all, in order", async () => {
    const { registrar1 } = desk.officers;
    desk.connection.faults.isDown = true;
    const listed = await desk.post("/v1/projects", listing("QUEUED"), registrar1);
    const validated = await desk.post("/v1/projects/QUEUED/status", { status: "validated" }, registrar1);
    desk.connection.faults.isDown = false;
    expect([listed.status, validated.status]).toEqual([202, 202]);

    const registered = await desk.act("/projects/QUEUED/status", { status: "registered" });
    expect([registered.status, registered.body.status]).toEqual([201, "final"]);
    expect((await desk.get("/v1/projects/QUEUED")).body.status).toBe("registered");
  });

  it("given a code that is taken, it should refuse", async () => {
    await desk.act("/projects", listing("TAKEN"));
    const answer = await desk.act("/projects", listing("TAKEN"));
    expect([answer.status, answer.body.code, answer.body.evidence]).toEqual([
      409,
      "registry-code-taken",
      { code: "TAKEN" },
    ]);
  });

  it("given an owner that is not there or may not develop projects, it should refuse", async () => {
    const unknown = await desk.act("/projects", listing("OWNERLESS", { ownerId: 99 }));
    expect([unknown.status, unknown.body.code]).toEqual([404, "participants-unknown"]);

    const trader = await desk.ledger.admit(null, desk.ledger.firms[0]!.address, CAPABILITIES.TRADE_CREDITS);
    await desk.synced();
    const incapable = await desk.act("/projects", listing("OWNERLESS", { ownerId: trader }));
    expect([incapable.status, incapable.body.code]).toEqual([409, "registry-owner-not-capable"]);
  });

  it("given a buffer share above half, it should refuse", async () => {
    const answer = await desk.act("/projects", listing("BUFFER", { bufferBasisPoints: 5_001 }));
    expect([answer.status, answer.body.code]).toEqual([422, "registry-buffer-share-invalid"]);
  });

  it.each([
    ["an unknown field", { colour: "green" }, "/body/colour"],
    ["a code in small letters", { code: "project" }, "/body/code"],
    ["a code of 32 characters", { code: "A".repeat(32) }, "/body/code"],
    ["a share that is negative", { bufferBasisPoints: -1 }, "/body/bufferBasisPoints"],
    ["a share that is fractional", { bufferBasisPoints: 1.5 }, "/body/bufferBasisPoints"],
    ["no document", { document: undefined }, "/body/document"],
    ["a document with a zero character", { document: { name: "a\u0000" } }, "/body/document"],
    ["a document with half a surrogate pair", { document: { "\ud800": 1 } }, "/body/document"],
  ])("given %s, it should name the field", async (_what, differences, path) => {
    const answer = await desk.act("/projects", listing("BAD", differences));
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([400, "validation-failed", path]);
  });

  it("given no key, or one of another role, it should refuse", async () => {
    const anonymous = await desk.post("/v1/projects", listing("X"));
    expect([anonymous.status, anonymous.body.code]).toEqual([401, "unauthorized"]);
    const guardian = await desk.act("/projects", listing("X"), desk.officers.guardian);
    expect([guardian.status, guardian.body.code]).toEqual([403, "forbidden"]);
  });
});

describe("POST /v1/projects/{code}/status", () => {
  it("given a step that the life cycle does not have, it should say what the contract says", async () => {
    await desk.act("/projects", listing("STEPS"));
    const answer = await desk.act("/projects/STEPS/status", { status: "completed" });
    expect([answer.status, answer.body.code]).toEqual([409, "registry-project-transition-forbidden"]);
    expect(answer.body.operationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("given an unknown project, it should refuse", async () => {
    const answer = await desk.act("/projects/NOWHERE/status", { status: "validated" });
    expect([answer.status, answer.body.code]).toEqual([404, "registry-project-unknown"]);
  });

  it("given the status of no project, it should refuse", async () => {
    expect((await desk.act("/projects/STEPS/status", { status: "none" })).status).toBe(400);
  });
});

describe("POST /v1/projects/{code}/document", () => {
  it("should replace the public record", async () => {
    await desk.act("/projects", listing("RENAMED"));
    await desk.act("/projects/RENAMED/document", { document: { name: "Another name" } });
    expect((await desk.get("/v1/projects/RENAMED")).body).toMatchObject({
      name: "Another name",
      document: { name: "Another name" },
    });
  });
});

describe("GET /v1/projects", () => {
  it("should list every project once, page by page, and filter", async () => {
    const code = await desk.project();
    const seen: string[] = [];
    for (let path: string | null = "/v1/projects?limit=2"; path !== null;) {
      const { body } = await desk.get(path);
      seen.push(...body.items.map((item: { code: string }) => item.code));
      path = body.next === null ? null : `/v1/projects?limit=2&cursor=${body.next}`;
    }
    expect(seen).toEqual([...new Set(seen)].sort());

    const registered = await desk.get(`/v1/projects?status=registered&ownerId=${desk.developer.id}`);
    expect(registered.body.items.map((item: { code: string }) => item.code)).toContain(code);
    expect(registered.body.items.every((item: { status: string }) => item.status === "registered")).toBe(true);
  });

  it("given a document that this service never saw, it should leave name and document null", async () => {
    const code = await desk.project();
    expect((await desk.get(`/v1/projects/${code}`)).body).toMatchObject({ name: null, document: null });
  });

  it("given an unknown code, it should say 404", async () => {
    const answer = await desk.get("/v1/projects/NOWHERE");
    expect([answer.status, answer.body.code]).toEqual([404, "not-found"]);
  });
});
