import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestService, type TestService } from "../../support/service.js";

type Header = { readonly authorization: string };

interface Operation {
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

let stage: TestService;
let admin: Header;
let auditor: Header;
let regulator: Header;
let firm: Header;
/** Paths of GET routes, below `/v1` as OpenAPI writes them. */
let guarded: string[];
let open: string[];

beforeAll(async () => {
  stage = await startTestService();
  await stage.synced();
  admin = await stage.keyOf({ scope: "admin", label: "admin" });
  auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
  regulator = await stage.keyOf({ scope: "regulator", label: "regulator" });
  firm = (await stage.firm()).key;

  const { paths } = (await stage.get("/v1/openapi.json")).body as { paths: Record<string, { get?: Operation }> };
  const gets = Object.entries(paths).filter(([path, { get }]) => get !== undefined && !path.includes("stream"));
  const isOpen = ({ get }: { get?: Operation }): boolean =>
    get?.security === undefined || get.security.length === 0 || get.security.some((one) => !("apiKey" in one));
  guarded = gets.filter(([, one]) => !isOpen(one)).map(([path]) => path);
  open = gets.filter(([, one]) => isOpen(one)).map(([path]) => path);
});
afterAll(() => stage.close());

const rows = () => stage.db.selectFrom("access_log").selectAll().orderBy("seq").execute();
/** Any value: a read is written down before its parameters are looked at. */
const filled = (path: string): string => path.replace(/\{\w+\}/g, "1");

describe("the access log", () => {
  it("should have one row for every privileged read of what is not public", async () => {
    expect(guarded.length).toBeGreaterThan(10);
    for (const path of guarded) {
      const before = (await rows()).length;
      const { status } = await stage.get(filled(path), regulator);
      const added = (await rows()).slice(before);
      expect(added.length, `${path}: ${status}`).toBe(status === 403 ? 0 : 1);
      if (added.length === 0) continue;
      expect(added[0]).toMatchObject({ scope: "regulator", role: null, method: "GET", url: filled(path) });
      expect(`/v1${added[0]?.route}`.replace(/^\/v1\/v1/, "/v1")).toBe(path);
    }
  });

  it("should have none for what is public, nor for what a firm reads, nor for a refused read", async () => {
    const before = (await rows()).length;
    expect(open.length).toBeGreaterThan(10);
    for (const path of open) if (!path.includes("openapi")) await stage.get(filled(path), auditor);
    for (const path of guarded) await stage.get(filled(path), firm);
    expect((await stage.get("/v1/api-keys", auditor)).status).toBe(403);
    expect(await rows()).toHaveLength(before);
  });

  it("should let a regulator read whatever an auditor may", async () => {
    for (const path of guarded) {
      const { status } = await stage.get(filled(path), auditor);
      if (status !== 403) expect((await stage.get(filled(path), regulator)).status, path).toBe(status);
    }
  });

  it("should be readable by admin and regulator only, and remember that, too", async () => {
    for (const key of [auditor, firm]) expect((await stage.get("/v1/access-log", key)).status).toBe(403);
    expect((await stage.get("/v1/access-log")).status).toBe(401);
    const { status, body } = await stage.get("/v1/access-log?limit=1", admin);
    expect(status).toBe(200);
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({ scope: "admin", route: "/access-log", url: "/v1/access-log?limit=1" });
  });

  it("should be listed from the newest, page by page, without gap or repetition", async () => {
    const expected = (await rows()).map(({ seq }) => String(seq)).toReversed();
    const seen: string[] = [];
    let next: string | null = "";
    const until = new Date(Date.now() + 1).toISOString();
    while (next !== null) {
      const cursor = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await stage.get(`/v1/access-log?limit=50&to=${until}${cursor}`, regulator);
      seen.push(...body.items.map((item: { seq: string }) => item.seq));
      next = body.next;
    }
    expect(seen.filter((seq) => expected.includes(seq))).toEqual(expected);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("should be filtered by key and by time", async () => {
    const entries = await rows();
    const keyId = entries[0]?.key_id ?? "";
    const { body } = await stage.get(`/v1/access-log?keyId=${keyId}&limit=200`, admin);
    expect(body.items.length).toBeGreaterThan(0);
    for (const item of body.items) expect(item.keyId).toBe(keyId);
    const later = await stage.get("/v1/access-log?from=2999-01-01T00:00:00Z", admin);
    expect(later.body.items).toEqual([]);
    const sooner = await stage.get("/v1/access-log?to=2000-01-01T00:00:00Z", admin);
    expect(sooner.body.items).toEqual([]);
  });

  it("given that it cannot be written, it should answer nothing", async () => {
    await stage.db.schema.alterTable("access_log").renameTo("access_log_away").execute();
    try {
      const { status, text } = await stage.get("/v1/api-keys", admin);
      expect(status).toBe(500);
      expect(text).not.toContain("items");
    } finally {
      await stage.db.schema.alterTable("access_log_away").renameTo("access_log").execute();
    }
    expect((await stage.get("/v1/api-keys", admin)).status).toBe(200);
  });
});
