import { describe, expect, it } from "vitest";
import { apiKeyRoutes } from "../../../src/api-keys/routes.js";
import { createApiKeys } from "../../../src/api-keys/service.js";
import { openDatabase } from "../../../src/db/connection.js";
import { serveRoutes } from "../../support/http.js";

const TOKEN = `cl_${"0".repeat(16)}_${"A".repeat(43)}`;

describe("a database that is down", () => {
  it("should be answered with 503 and when to retry, and with readiness that says so, while the service lives", async () => {
    // Nothing listens on port 1.
    const database = await openDatabase({ url: "postgres://nobody@127.0.0.1:1/nothing" });
    const keys = createApiKeys(database.db);
    const waitsFor = () => database.ping().then(() => undefined);
    const server = await serveRoutes(apiKeyRoutes(keys), {
      findKey: (token) => keys.find(token),
      checks: [{ name: "database", waitsFor }],
    });

    const answer = await server.get("/v1/api-keys", { authorization: `Bearer ${TOKEN}` });
    expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([503, "database-unavailable", true]);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(answer.text).not.toContain("nobody");

    const readiness = await server.get("/health/ready");
    expect(readiness.status).toBe(503);
    expect(readiness.body.waitingFor[0]).toMatch(/^database: /);
    expect((await server.get("/health/live")).status).toBe(200);

    await server.close();
    await database.close();
  });
});
