import { afterAll, beforeAll, expect, it, describe } from "vitest";

import { startTestService, type TestFirm, type TestService } from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const BATCH = "PAUSED-2024";

let stage: TestService;
let holder: TestFirm;
let officers: Record<"guardian" | "compliance" | "registrar", { readonly authorization: string }>;

beforeAll(async () => {
  stage = await startTestService();
  holder = await stage.managedFirm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: holder.account });
  officers = {
    guardian: await stage.officerKey("guardian", "guardian"),
    compliance: await stage.officerKey("compliance-officer", "compliance1"),
    registrar: await stage.officerKey("registrar", "registrar1"),
  };
  await stage.synced();
});
afterAll(() => stage.close());

const act = (path: string, body: object, key: object) => stage.post(`/v1${path}`, body, { ...WAIT, ...key });
const isPaused = async (): Promise<boolean> => (await stage.get("/v1/chain")).body.paused;
const transfer = () => act("/transfers", { to: holder.account, batch: BATCH, tonnes: "1" }, holder.key);

describe("POST /v1/pause and /v1/unpause", () => {
  it("should let the guardian stop everything, and only a compliance officer start it again", async () => {
    expect(await isPaused()).toBe(false);
    const paused = await act("/pause", { reason: "A verifier's key was stolen" }, officers.guardian);
    expect(paused.body).toMatchObject({ kind: "pause", status: "final", role: "guardian", result: { paused: true } });
    expect(await isPaused()).toBe(true);
    expect((await transfer()).body.code).toBe("units-paused");

    expect((await act("/unpause", {}, officers.guardian)).body.code).toBe("forbidden");
    const unpaused = await act("/unpause", {}, officers.compliance);
    expect([unpaused.status, unpaused.body.result]).toEqual([200, { paused: false }]);
    expect(await isPaused()).toBe(false);
    expect((await transfer()).body.status).toBe("final");
  });

  it("should say so when there is nothing to pause or to lift", async () => {
    expect((await act("/unpause", {}, officers.compliance)).body.code).toBe("units-not-paused");
    await act("/pause", {}, officers.guardian);
    expect((await act("/pause", { reason: null }, officers.guardian)).body.code).toBe("units-paused");
    await act("/unpause", {}, officers.compliance);
  });

  it("given another role, a participant or nobody, it should refuse", async () => {
    expect((await act("/pause", {}, officers.registrar)).status).toBe(403);
    expect((await act("/pause", {}, holder.key)).status).toBe(403);
    expect((await act("/pause", {}, {})).status).toBe(401);
    expect((await act("/pause", { reason: "" }, officers.guardian)).body.code).toBe("validation-failed");
  });
});
