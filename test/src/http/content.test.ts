import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { KeyHolder, PrivilegedRead } from "../../../src/principal.js";
import { defineRoute, ok, type Content } from "../../../src/http/route.js";
import { serveRoutes, type TestServer } from "../../support/http.js";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const fileRoute = (content: () => Content, types = ["text/csv"]) =>
  defineRoute({
    method: "get",
    path: "/file",
    summary: "A file",
    tag: "things",
    access: "public",
    answers: { 200: { description: "The file.", contentTypes: types } },
    handle: async () => ({ status: 200, content: content(), headers: { "x-export-id": "1" } }),
  });

async function* pieces(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe("an answer that is no JSON", () => {
  it.each([
    ["a text", () => "a,ă\r\n"],
    ["bytes", () => new TextEncoder().encode("a,ă\r\n")],
    ["pieces", () => pieces(["a,", "ă\r\n"])],
  ])("given %s, it should be sent as it is", async (_what, body) => {
    server = await serveRoutes([
      fileRoute(() => ({ type: "text/csv; charset=utf-8", body: body(), fileName: "a.csv" })),
    ]);
    const answer = await server.get("/v1/file");
    expect([answer.status, answer.text]).toEqual([200, "a,ă\r\n"]);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toBe("attachment; filename=a.csv");
    expect(answer.headers.get("x-export-id")).toBe("1");
  });

  it("given HEAD, it should send no piece and end the pieces", async () => {
    let asked = 0;
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: Buffer.from(String(asked++)) }),
        return: async () => ({ done: true, value: undefined }),
      }),
    };
    server = await serveRoutes([fileRoute(() => ({ type: "text/csv", body }))]);
    const answer = await server.send("/v1/file", { method: "HEAD" });
    expect([answer.status, answer.text, asked]).toEqual([200, "", 0]);
    expect(answer.headers.get("content-type")).toBe("text/csv");
  });

  it("given a reader who leaves, it should end the pieces, having asked for few, and call it no error", async () => {
    let [asked, isEnded] = [0, false];
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          asked++;
          yield new Uint8Array(65_536);
          await sleep(0);
        }
      } finally {
        isEnded = true;
      }
    }
    server = await serveRoutes([fileRoute(() => ({ type: "text/csv", body: endless() }))]);
    const response = await fetch(`${server.url}/v1/file`);
    const reader = response.body!.getReader();
    await reader.read();
    await sleep(200);
    // Nobody reads: what waits on the way is bounded.
    expect(asked * 65_536).toBeLessThan(64 * 1024 * 1024);
    await reader.cancel();
    for (let n = 0; n < 200 && !isEnded; n++) await sleep(10);
    expect(isEnded).toBe(true);
    expect(server.logs.join("")).not.toContain("request failed");
  });

  it("given pieces that fail on the way, it should cut the connection and tell a person", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("half");
      await sleep(50);
      throw new Error("the disk is full");
    }
    server = await serveRoutes([fileRoute(() => ({ type: "text/csv", body: failing() }))]);
    await expect(fetch(`${server.url}/v1/file`).then((response) => response.text())).rejects.toThrow();
    for (let n = 0; n < 100 && !server.logs.join("").includes("request failed"); n++) await sleep(10);
    expect(server.logs.join("")).toContain("the disk is full");
  });

  it("should be described by its media types, and be of one of them", async () => {
    server = await serveRoutes([fileRoute(() => ({ type: "text/plain", body: "x" }))]);
    const { body } = await server.get("/openapi.json");
    expect(body.paths["/v1/file"].get.responses["200"].content).toEqual({
      "text/csv": { schema: { type: "string", format: "binary" } },
    });
    expect((await server.get("/v1/file")).status).toBe(500);
  });
});

describe("what is read with more rights than a participant has", () => {
  const readers: Record<string, KeyHolder> = Object.fromEntries(
    (["participant", "role", "admin", "auditor", "regulator"] as const).map((scope) => [
      scope,
      {
        kind: "key",
        keyId: scope,
        scope,
        participantId: scope === "participant" ? 1 : null,
        role: scope === "role" ? "registrar" : null,
        account: null,
      },
    ]),
  );
  const route = (path: string, access: "public" | "key", method: "get" | "post" = "get") =>
    defineRoute({
      method,
      path,
      summary: "Reads",
      tag: "things",
      access,
      answers: { 200: { description: "Read." } },
      handle: async () => ok({}),
    });
  const routes = [route("/open", "public"), route("/closed", "key"), route("/closed", "key", "post")];
  const as = (scope: string) => ({ authorization: `Bearer ${scope}` });

  it("should be told before it is answered, unless it is public or no read", async () => {
    const reads: PrivilegedRead[] = [];
    server = await serveRoutes(routes, {
      findKey: async (token) => readers[token],
      recordRead: async (read) => void reads.push(read),
    });
    for (const scope of Object.keys(readers)) {
      await server.get("/v1/open", as(scope));
      await server.get("/v1/closed", as(scope));
      await server.post("/v1/closed", undefined, as(scope));
    }
    await server.send("/v1/closed", { method: "HEAD", headers: as("auditor") });
    expect(reads.map(({ keyId, method }) => `${method} ${keyId}`)).toEqual([
      "GET role",
      "GET admin",
      "GET auditor",
      "GET regulator",
      "HEAD auditor",
    ]);
    expect(reads[0]).toMatchObject({ scope: "role", role: "registrar", route: "/closed", url: "/v1/closed" });
    expect(reads[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("given a record that cannot be written, it should not be answered", async () => {
    server = await serveRoutes(routes, {
      findKey: async (token) => readers[token],
      recordRead: async () => {
        throw new Error("no room");
      },
    });
    expect((await server.get("/v1/closed", as("auditor"))).status).toBe(500);
    expect((await server.get("/v1/closed", as("participant"))).status).toBe(200);
  });
});
