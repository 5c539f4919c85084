import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startRegistryDesk, type RegistryDesk } from "../../support/registry-desk.js";

let desk: RegistryDesk;

beforeAll(async () => void (desk = await startRegistryDesk()));
afterAll(() => desk.close());

const set = (account: string, officer = desk.officers.admin) => desk.act("/buffer-account", { account }, officer);

describe("POST /v1/buffer-account", () => {
  it("should name the account that gets the buffer share from now on", async () => {
    expect((await desk.get("/v1/chain")).body.bufferAccount).toBeNull();
    const { account } = desk.developer;
    const answer = await set(account);
    expect(answer.body).toMatchObject({
      kind: "buffer-account.set",
      status: "final",
      role: "admin",
      result: { bufferAccount: account },
    });
    expect((await desk.get("/v1/chain")).body.bufferAccount).toBe(account);
  });

  it("given an account that cannot hold it, it should say what the contract says", async () => {
    const answer = await set(desk.keys.bank1.address);
    expect([answer.status, answer.body.code]).toEqual([409, "registry-buffer-account-invalid"]);
  });

  it("given another role, it should refuse", async () => {
    const answer = await set(desk.developer.account, desk.officers.registrar1);
    expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
  });

  it("given an administrator without delay, there should be nothing to schedule", async () => {
    const { account } = desk.developer;
    const answer = await desk.act("/buffer-account/schedule", { account }, desk.officers.admin);
    expect([answer.status, answer.body.code]).toEqual([403, "access-manager-unauthorized-call"]);
  });
});
