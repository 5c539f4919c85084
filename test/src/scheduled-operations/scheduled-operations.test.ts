import { id } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ROLES } from "../../../src/chain/roles.js";
import { startTestService, type TestFirm, type TestService } from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const BATCH = "SEIZED-2024";
const DAY = 86_400;

let stage: TestService;
let holder: TestFirm;
let receiver: TestFirm;
let officers: Record<"guardian" | "enforcement" | "registrar", { readonly authorization: string }>;

beforeAll(async () => {
  stage = await startTestService();
  const { access, parts } = stage.ledger;
  await access.grantRole(ROLES.ENFORCEMENT, parts.enforcement.address, DAY);
  holder = await stage.firm();
  receiver = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: holder.account });
  officers = {
    guardian: await stage.officerKey("guardian", "guardian"),
    enforcement: await stage.officerKey("enforcement", "enforcement"),
    registrar: await stage.officerKey("registrar", "registrar1"),
  };
  await stage.synced();
});
afterAll(() => stage.close());

const act = (path: string, body: object, key: object) => stage.post(`/v1${path}`, body, { ...WAIT, ...key });
const force = (tonnes: string, suffix = "") =>
  act(
    `/holdings/${holder.account}/${BATCH}/forced-transfer${suffix}`,
    { to: receiver.account, tonnes },
    officers.enforcement,
  );
const cancel = (scheduled: string, key: object = officers.guardian) =>
  act(`/scheduled-operations/${scheduled}/cancel`, {}, key);

/** @returns what the access manager calls it */
async function schedule(tonnes: string): Promise<string> {
  const { body } = await force(tonnes, "/schedule");
  expect(body.status).toBe("final");
  return body.result.scheduledOperationId;
}

describe("POST /v1/scheduled-operations/{id}/cancel", () => {
  it("should let the guardian stop a forced transfer before its delay is over", async () => {
    expect((await force("3")).body.code).toBe("access-manager-not-scheduled");
    const scheduled = await schedule("3");
    expect((await force("3")).body.code).toBe("access-manager-not-ready");

    const cancelled = await cancel(scheduled);
    expect(cancelled.body).toMatchObject({
      kind: "scheduled-operation.cancel",
      status: "final",
      role: "guardian",
      result: { scheduledOperationId: scheduled },
    });
    await stage.ledger.increaseTime(DAY);
    expect((await force("3")).body.code).toBe("access-manager-not-scheduled");
    expect((await cancel(scheduled)).body.code).toBe("access-manager-not-scheduled");
  });

  it("given what nobody cancels, it should go through when the delay is over", async () => {
    await schedule("5");
    await stage.ledger.increaseTime(DAY);
    const moved = await force("5");
    expect(moved.body.status).toBe("final");
    expect(moved.body.links.result).toBe(`/v1/transfers/${moved.body.result.transferId}`);
  });

  it("should let who scheduled it take it back", async () => {
    expect((await cancel(await schedule("7"), officers.enforcement)).body.status).toBe("final");
  });

  it("given an id that nothing was scheduled as, it should say so", async () => {
    expect((await cancel(id("nothing"))).body.code).toBe("not-found");
    expect((await cancel("7")).body.code).toBe("validation-failed");
  });

  it("given another role or nobody, it should refuse", async () => {
    expect((await cancel(id("nothing"), officers.registrar)).status).toBe(403);
    expect((await cancel(id("nothing"), {})).status).toBe(401);
  });
});
