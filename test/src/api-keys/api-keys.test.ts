import { afterEach, beforeEach, expect, it } from "vitest";
import { apiKeyRoutes } from "../../../src/api-keys/routes.js";
import { createApiKeys, type ApiKeys } from "../../../src/api-keys/service.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { serveRoutes, type TestServer } from "../../support/http.js";

const HOLDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/** An account whose key the service has, and that holds roles on the ledger. */
async function manage({ db }: TestDatabase, address: string, roles: string[]): Promise<void> {
  await db.insertInto("keystores").values({ address, json: "{}", participant_id: null, role: null }).execute();
  for (const role of roles) {
    const grant = { role, account: address, delay: 0n, since: 0n, block_number: 1n, tx_hash: "0x" };
    await db.insertInto("role_grants").values(grant).execute();
  }
}

describeEachDatabase("API keys", (open) => {
  let database: TestDatabase;
  let keys: ApiKeys;
  let server: TestServer;
  let admin: Record<string, string>;

  beforeEach(async () => {
    database = await open();
    keys = createApiKeys(database.db);
    await manage(database, HOLDER, ["1", "2"]);
    server = await serveRoutes(apiKeyRoutes(keys), { findKey: (token) => keys.find(token) });
    admin = { authorization: `Bearer ${(await keys.create({ scope: "admin", label: "first" })).key}` };
  });
  afterEach(async () => {
    await server.close();
    await database.close();
  });

  it("should store a hash, never the secret", async () => {
    const { key, id } = await keys.create({ scope: "auditor", label: "x" });
    const rows = await database.db.selectFrom("api_keys").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(key.slice(`cl_${id}_`.length));
  });

  it("should find the holder of a key, and nobody for anything like it", async () => {
    const { key, id } = await keys.create({ scope: "role", role: "registrar", account: HOLDER, label: "x" });
    expect(await keys.find(key)).toEqual({
      kind: "key",
      keyId: id,
      scope: "role",
      participantId: null,
      role: "registrar",
      account: HOLDER,
    });
    const last = key.endsWith("A") ? "B" : "A";
    for (const wrong of ["", "cl_", key.slice(0, -1) + last, key.replace(id, "0".repeat(16)), `${key}x`, "cl_x_y"]) {
      expect(await keys.find(wrong)).toBeUndefined();
    }
  });

  it("given an admin, it should make, list and revoke keys over HTTP", async () => {
    const made = await server.post(
      "/v1/api-keys",
      { scope: "role", role: "verifier", account: HOLDER, label: "VVB" },
      admin,
    );
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ scope: "role", role: "verifier", participantId: null, account: HOLDER });
    expect(made.body.key).toMatch(/^cl_[0-9a-f]{16}_[\w-]{43}$/);

    const listed = await server.get("/v1/api-keys", admin);
    expect(listed.body.items).toHaveLength(2);
    expect(listed.text).not.toContain(made.body.key.slice(`cl_${made.body.id}_`.length));

    const path = `/v1/api-keys/${made.body.id}`;
    expect((await server.send(path, { method: "DELETE", headers: admin })).status).toBe(204);
    expect((await server.send(path, { method: "DELETE", headers: admin })).status).toBe(204);
    expect(await keys.find(made.body.key)).toBeUndefined();
    const refused = await server.get("/v1/api-keys", { authorization: `Bearer ${made.body.key}` });
    expect([refused.status, refused.body.code]).toEqual([401, "unauthorized"]);
  });

  it("should list every key once, page by page", async () => {
    for (let n = 0; n < 6; n++) await keys.create({ scope: "auditor", label: `n${n}` });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await server.get(`/v1/api-keys?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`, admin);
      seen.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.next;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  it("should take a key for nothing from its expiry on, also the last one of an admin", async () => {
    const start = Date.parse("2026-03-01T00:00:00Z");
    let time = start;
    const clocked = createApiKeys(database.db, () => time);
    await database.db.deleteFrom("api_keys").execute();
    const expiresAt = "2026-03-31T17:00:00.000Z";
    const { key, expiresAt: told } = await clocked.create({ scope: "admin", expiresAt, label: "x" });
    expect(told).toBe(expiresAt);
    expect(await clocked.find(key)).toMatchObject({ scope: "admin" });
    time = Date.parse(expiresAt) - 1;
    expect([await clocked.find(key), await clocked.hasAdmin()]).toEqual([expect.anything(), true]);
    time = Date.parse(expiresAt);
    expect([await clocked.find(key), await clocked.hasAdmin()]).toEqual([undefined, false]);
  });

  it("given an expiry, it should show it, and none as null", async () => {
    const expiresAt = "2099-12-31T00:00:00.000Z";
    const made = await server.post("/v1/api-keys", { scope: "regulator", expiresAt, label: "x" }, admin);
    expect([made.status, made.body.scope, made.body.expiresAt]).toEqual([201, "regulator", expiresAt]);
    const { body } = await server.get("/v1/api-keys", admin);
    const shown = body.items.map((item: { expiresAt: string | null }) => item.expiresAt);
    expect(new Set(shown)).toEqual(new Set([expiresAt, null]));
  });

  it("given an expiry that has passed, it should refuse and name the field", async () => {
    const body = { scope: "auditor", expiresAt: "2020-01-01T00:00:00Z", label: "x" };
    const answer = await server.post("/v1/api-keys", body, admin);
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, "/body/expiresAt"]);
  });

  it.each(["x", "e30", "bm90IGpzb24"])("given the cursor %s, it should refuse", async (cursor) => {
    const answer = await server.get(`/v1/api-keys?cursor=${cursor}`, admin);
    expect([answer.status, answer.body.code]).toEqual([400, "cursor-invalid"]);
  });

  it("given another scope, or no key, it should refuse", async () => {
    const { key } = await keys.create({ scope: "auditor", label: "x" });
    const headers = { authorization: `Bearer ${key}` };
    expect((await server.post("/v1/api-keys", { scope: "admin", label: "x" }, headers)).status).toBe(403);
    expect((await server.get("/v1/api-keys")).status).toBe(401);
  });

  it("given an unknown key to revoke, it should say 404", async () => {
    const answer = await server.send(`/v1/api-keys/${"0".repeat(16)}`, { method: "DELETE", headers: admin });
    expect([answer.status, answer.body.code]).toEqual([404, "not-found"]);
  });

  it.each([
    ["a participant's key without participant", { scope: "participant" }, "/body/participantId"],
    ["an unknown participant", { scope: "participant", participantId: 9 }, "/body/participantId"],
    ["a role's key without role", { scope: "role" }, "/body/role"],
    ["a role's key without account", { scope: "role", role: "registrar" }, "/body/account"],
    ["a role that the account does not hold", { scope: "role", role: "guardian", account: HOLDER }, "/body/account"],
    ["an auditor's key with role", { scope: "auditor", role: "registrar" }, "/body/role"],
    ["a regulator's key with account", { scope: "regulator", account: HOLDER }, "/body/account"],
    ["an expiry that is no time", { scope: "regulator", expiresAt: "tomorrow" }, "/body/expiresAt"],
    ["an account that is not managed", { scope: "role", role: "registrar", account: ACCOUNT }, "/body/account"],
    ["an admin's key with account", { scope: "admin", account: ACCOUNT }, "/body/account"],
  ])("given %s, it should refuse and name the field", async (_what, request, path) => {
    const answer = await server.post("/v1/api-keys", { ...request, label: "x" }, admin);
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([400, "validation-failed", path]);
  });

  it("should know whether there is an admin", async () => {
    expect(await keys.hasAdmin()).toBe(true);
    const [first] = await keys.list(1, undefined);
    await keys.revoke(first!.id);
    expect(await keys.hasAdmin()).toBe(false);
  });
});
