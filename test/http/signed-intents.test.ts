import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createClient } from "../../src/client/client.js";
import { createFirm } from "../../src/client/firm.js";
import { startRegistryDesk, type RegistryDesk } from "../support/registry-desk.js";
import { freshTerms, signedBody, type SelfCustodyFirm } from "../support/service.js";

const BATCH = "MANY-2024";

describe("POST /v1/intents", () => {
  let desk: RegistryDesk;
  let seller: SelfCustodyFirm;
  let buyer: SelfCustodyFirm;
  beforeAll(async () => {
    desk = await startRegistryDesk();
    seller = await desk.firm();
    buyer = await desk.firm();
    await desk.ledger.issueBatch({ code: BATCH, recipient: seller.account, tonnes: 1_000 });
    await desk.synced();
  });
  afterAll(() => desk.close());

  async function transfer(
    tonnes: string,
    over: { signer?: SelfCustodyFirm["wallet"]; nonce?: string; deadline?: string } = {},
  ) {
    const { signer = seller.wallet, ...terms } = over;
    const intent = { ...freshTerms(seller.account), ...terms, to: buyer.account, batch: BATCH, tonnes, blocks: [] };
    const { body, hash } = await signedBody("transfer", intent, signer, desk.domain);
    return { item: { kind: "transfer", ...body }, hash };
  }
  const post = (items: readonly unknown[]) => desk.post("/v1/intents", { items });
  const final = (id: string) => desk.get(`/v1/operations/${id}`, { prefer: "wait=30" });
  const count = async () => {
    const { n } = await desk.db
      .selectFrom("operations")
      .select((eb) => eb.fn.countAll<bigint>().as("n"))
      .executeTakeFirstOrThrow();
    return Number(n);
  };

  it("given intents of several kinds, it should accept all, durably, and carry each of them out", async () => {
    const sent = await transfer("3");
    const { body, hash } = await signedBody(
      "cancellation",
      { ...freshTerms(seller.account), batch: BATCH, tonnes: "2", blocks: [], reason: "other", details: "" },
      seller.wallet,
      desk.domain,
    );
    const answer = await post([sent.item, { kind: "cancellation", ...body }]);
    expect([answer.status, answer.body.items.map(({ status }: { status: number }) => status)]).toEqual([
      200,
      [202, 202],
    ]);
    expect(answer.body.items[0].operation).toMatchObject({ id: sent.hash, kind: "transfer", status: "accepted" });
    expect((await final(sent.hash)).body).toMatchObject({ status: "final", account: seller.account });
    expect((await final(hash)).body).toMatchObject({ status: "final", kind: "cancellation" });
  });

  it("given bad ones among good ones, it should refuse those alone, each with its reason", async () => {
    const good = await transfer("1");
    const forged = await transfer("1", { signer: Wallet.createRandom() });
    const late = await transfer("1", { deadline: "1" });
    const empty = await transfer("0");
    const answer = await post([forged.item, good.item, late.item, empty.item]);
    expect(answer.status).toBe(207);
    expect(
      answer.body.items.map((item: { status: number; problem?: { code: string } }) => [
        item.status,
        item.problem?.code,
      ]),
    ).toEqual([
      [422, "intent-signature-invalid"],
      [202, undefined],
      [422, "intent-expired"],
      [422, "units-amount-zero"],
    ]);
    expect((await final(good.hash)).body.status).toBe("final");
    expect((await desk.get(`/v1/operations/${late.hash}`)).status).toBe(404);
  });

  it("given the same intent twice, or again when it is final, it should be one operation", async () => {
    const { item, hash } = await transfer("1");
    const before = await count();
    const answer = await post([item, item]);
    expect(answer.body.items.map(({ operation }: { operation: { id: string } }) => operation.id)).toEqual([hash, hash]);
    await final(hash);
    const again = await post([item]);
    expect([again.status, again.body.items[0].status, again.body.items[0].operation.status]).toEqual([
      200,
      201,
      "final",
    ]);
    expect(await count()).toBe(before + 1);
  });

  it("given a nonce that is used up, it should refuse", async () => {
    const first = await transfer("1");
    await post([first.item]);
    await final(first.hash);
    const { nonce } = first.item.intent as { nonce: string };
    const answer = await post([(await transfer("2", { nonce })).item]);
    expect([answer.status, answer.body.items[0].problem.code]).toEqual([207, "intent-replayed"]);
  });

  it.each([
    ["none", []],
    ["more than a hundred", Array.from({ length: 101 }, () => ({}))],
    ["one of an unknown kind", [{ kind: "gift", intent: {}, signature: "0x00" }]],
    ["one that lacks a field", [{ kind: "transfer", intent: {}, signature: "0x00" }]],
  ])("given %s, it should refuse the whole request", async (_, items) => {
    const before = await count();
    const answer = await post([...items]);
    expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
    expect(await count()).toBe(before);
  });

  it("should be what the client sends", async () => {
    const client = createClient({ baseUrl: desk.url });
    const wallet = Wallet.createRandom();
    const firm = createFirm({ client, privateKey: wallet.privateKey });
    const signed = await firm.sign.transfer({ to: buyer.account, batch: BATCH, tonnes: 1n });
    const { items } = await client.intents.send([signed]);
    expect(items).toMatchObject([{ problem: { code: "account-unknown" } }]);
  });
});
