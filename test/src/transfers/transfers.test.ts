import { id, Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { intentDomain } from "../../../src/chain/intents.js";
import type { TransferIntentJson } from "../../../src/chain/intent-json.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const BATCH = "TRANSFER-2024";

let stage: TestService;
let seller: SelfCustodyFirm;
let buyer: SelfCustodyFirm;

beforeAll(async () => {
  stage = await startTestService();
  seller = await stage.firm();
  buyer = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: seller.account, tonnes: 100_000 });
  await stage.synced();
});
afterAll(() => stage.close());

function order(differences: Partial<TransferIntentJson> = {}): TransferIntentJson {
  return { ...freshTerms(seller.account), to: buyer.account, batch: BATCH, tonnes: "10", blocks: [], ...differences };
}

async function signed(differences: Partial<TransferIntentJson> = {}, signer = seller.wallet) {
  return signedBody("transfer", order(differences), signer, stage.domain);
}

/** Sends an intent that the seller signed as it is. */
async function send(differences: Partial<TransferIntentJson> = {}) {
  return stage.post("/v1/transfers", (await signed(differences)).body, WAIT);
}

/** Sends what nobody could have signed. */
async function sendUnsignable(differences: Record<string, unknown>) {
  const { body } = await signed();
  return stage.post("/v1/transfers", { ...body, intent: { ...body.intent, ...differences } }, WAIT);
}

async function held(firm: SelfCustodyFirm): Promise<bigint> {
  const answer = await stage.get(`/v1/holdings/${firm.account}/${BATCH}`, firm.key);
  return answer.status === 404 ? 0n : BigInt(answer.body.tonnes);
}

describe("POST /v1/transfers given a signed intent", () => {
  it("should move the units without an API key, and tell where the transfer is", async () => {
    const before = await held(buyer);
    const { body, hash } = await signed({ tonnes: "40" });

    const answer = await stage.post("/v1/transfers", body, WAIT);

    expect(answer.status).toBeLessThan(202);
    expect(answer.body).toMatchObject({ id: hash, kind: "transfer", status: "final", participantId: seller.id });
    const { transferId } = answer.body.result;
    const minBlock = answer.body.blockNumber as number;
    const transfer = await stage.get(`/v1/transfers/${transferId}?minBlock=${minBlock}`, seller.key);
    expect(transfer.body).toMatchObject({
      id: transferId,
      from: seller.account,
      to: buyer.account,
      batch: BATCH,
      tonnes: "40",
      kind: "transfer",
      intentHash: hash,
      txHash: answer.body.txHash,
      blockNumber: minBlock,
      links: { self: `/v1/transfers/${transferId}`, transaction: `/v1/transactions/${answer.body.txHash}` },
    });
    expect(await held(buyer)).toBe(before + 40n);
  });

  it("should move exactly the serials that are named", async () => {
    const blocks = [
      { start: "90001", end: "90005" },
      { start: "90010", end: "90010" },
    ];
    const answer = await send({ tonnes: "6", blocks });
    const transfer = await stage.get(`/v1/transfers/${answer.body.result.transferId}`, buyer.key);
    expect(transfer.body.blocks).toEqual(blocks);
  });

  it("given the same intent again, it should answer with the same operation and move nothing", async () => {
    const { body, hash } = await signed({ tonnes: "3" });
    const first = await stage.post("/v1/transfers", body, WAIT);
    const after = await held(buyer);

    const again = await stage.post("/v1/transfers", body, WAIT);

    expect(again.body).toEqual(first.body);
    expect(again.body.id).toBe(hash);
    expect(await held(buyer)).toBe(after);
  });

  it("given a hundred intents at once, it should bring each to its end once", async () => {
    const before = await held(buyer);
    const bodies = await Promise.all(Array.from({ length: 100 }, () => signed({ tonnes: "1" })));
    const answers = await Promise.all(bodies.map(({ body }) => stage.post("/v1/transfers", body, WAIT)));
    expect(new Set(answers.map((answer) => answer.body.status))).toEqual(new Set(["final"]));
    expect(await held(buyer)).toBe(before + 100n);
  });

  it("given an intent that rests on one under way, it should leave the balance to the order of acceptance", async () => {
    const third = await stage.firm();
    stage.connection.faults.isDown = true;
    const there = await stage.post("/v1/transfers", (await signed({ to: third.account, tonnes: "7" })).body);
    const onward = { ...freshTerms(third.account), to: buyer.account, batch: BATCH, tonnes: "7", blocks: [] };
    const next = await signedBody("transfer", onward, third.wallet, stage.domain);
    const back = await stage.post("/v1/transfers", next.body);
    stage.connection.faults.isDown = false;

    expect([there.status, back.status]).toEqual([202, 202]);
    const ended = await stage.get(`/v1/operations/${next.hash}`, WAIT);
    expect(ended.body.status).toBe("final");
  });
});

describe("POST /v1/transfers given a bad signature", () => {
  const refusal = async (body: unknown) => stage.post("/v1/transfers", body, WAIT);

  it("given an altered intent, it should refuse", async () => {
    const { body } = await signed();
    const answer = await refusal({ ...body, intent: { ...body.intent, tonnes: "11" } });
    expect([answer.status, answer.body.code]).toEqual([422, "intent-signature-invalid"]);
  });

  it("given another signer, it should refuse and tell who signed", async () => {
    const { body } = await signed({}, buyer.wallet);
    const answer = await refusal(body);
    expect(answer.body).toMatchObject({ code: "intent-signature-invalid", evidence: { signer: buyer.account } });
  });

  it("given an intent for another chain or contract, it should refuse", async () => {
    for (const domain of [
      intentDomain(1n, stage.domain.verifyingContract),
      intentDomain(stage.domain.chainId, Wallet.createRandom().address),
    ]) {
      const { body } = await signedBody("transfer", order(), seller.wallet, domain);
      expect((await refusal(body)).body.code).toBe("intent-signature-invalid");
    }
  });

  it("given the twin of the signature with the greater s, it should refuse", async () => {
    const { body } = await signed();
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = (order - BigInt(`0x${body.signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    const v = body.signature.slice(130) === "1b" ? "1c" : "1b";
    const answer = await refusal({ ...body, signature: `${body.signature.slice(0, 66)}${s}${v}` });
    expect(answer.body.code).toBe("intent-signature-invalid");
  });

  it.each(["0x", "0x1", "hello", "0x00"])("given %s, it should refuse", async (signature) => {
    const { body } = await signed();
    const answer = await refusal({ ...body, signature });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(["validation-failed", "intent-signature-invalid"]).toContain(answer.body.code);
  });

  it("given a chain that does not answer, it should not judge wallets: 503, and nothing is accepted", async () => {
    const { body, hash } = await signed({}, buyer.wallet);
    stage.connection.faults.isDown = true;
    const answer = await refusal(body);
    stage.connection.faults.isDown = false;
    expect([answer.status, answer.body.code]).toEqual([503, "chain-unavailable"]);
    expect(answer.headers.get("retry-after")).not.toBeNull();
    expect((await stage.get(`/v1/operations/${hash}`)).status).toBe(404);
  });

  it("given a chain that does not answer, it should still accept what the account signed itself", async () => {
    stage.connection.faults.isDown = true;
    const { body, hash } = await signed({ tonnes: "1" });
    const answer = await stage.post("/v1/transfers", body);
    stage.connection.faults.isDown = false;
    expect(answer.status).toBe(202);
    expect((await stage.get(`/v1/operations/${hash}`, WAIT)).body.status).toBe("final");
  });
});

describe("POST /v1/transfers given a wallet contract", () => {
  it("should take what the wallet accepts, and refuse what it denies", async () => {
    const { ethers } = stage.ledger;
    const wallet = await ethers.deployContract("WalletMock", [seller.account]);
    const account = await wallet.getAddress();
    await stage.firm({ ...seller.wallet, address: account });
    await send({ to: account, tonnes: "5" });

    const intent = { ...freshTerms(account), to: buyer.account, batch: BATCH, tonnes: "5", blocks: [] };
    const good = await signedBody("transfer", intent, seller.wallet, stage.domain);
    const bad = await signedBody("transfer", intent, buyer.wallet, stage.domain);

    expect((await stage.post("/v1/transfers", bad.body, WAIT)).body.code).toBe("intent-signature-invalid");
    expect((await stage.post("/v1/transfers", good.body, WAIT)).body.status).toBe("final");
  });
});

describe("POST /v1/transfers given a used, void or late intent", () => {
  it("given the nonce of another intent, it should refuse", async () => {
    const { nonce } = order();
    await send({ nonce });
    const answer = await send({ nonce, tonnes: "11" });
    expect([answer.status, answer.body.code]).toEqual([409, "intent-replayed"]);
  });

  it("given an intent that somebody else relayed, it should refuse with what used the nonce", async () => {
    const { body } = await signed({ tonnes: "2" });
    const { intentFromJson } = await import("../../../src/chain/intent-json.js");
    const sent = await stage.ledger.intents.executeTransfer(intentFromJson("transfer", body.intent), body.signature);
    await sent.wait();
    await stage.synced();
    const answer = await stage.post("/v1/transfers", body, WAIT);
    expect([answer.status, answer.body.code]).toEqual([409, "intents-nonce-used"]);
  });

  it("given a revoked intent, it should refuse", async () => {
    const { body } = await signed();
    const revocation = { ...freshTerms(seller.account), revokedNonce: body.intent.nonce };
    const revoked = await signedBody("revocation", revocation, seller.wallet, stage.domain);
    expect((await stage.post("/v1/revocations", revoked.body, WAIT)).body.status).toBe("final");

    const answer = await stage.post("/v1/transfers", body, WAIT);
    expect([answer.status, answer.body.code]).toEqual([409, "intents-nonce-used"]);

    const again = { ...freshTerms(seller.account), revokedNonce: body.intent.nonce };
    const twice = await signedBody("revocation", again, seller.wallet, stage.domain);
    expect((await stage.post("/v1/revocations", twice.body, WAIT)).body.code).toBe("intents-nonce-used");
  });

  it("given a deadline that has passed, it should refuse", async () => {
    const answer = await send({ deadline: "1700000000" });
    expect([answer.status, answer.body.code]).toEqual([422, "intent-expired"]);
  });

  it("given a deadline years away, it should refuse", async () => {
    const answer = await send({ deadline: (2n ** 255n).toString() });
    expect(answer.body).toMatchObject({ code: "validation-failed", errors: [{ path: "/body/intent/deadline" }] });
  });
});

describe("POST /v1/transfers given a bad amount", () => {
  it.each(["-1", "1.5", "1e3", "0x10", "", "01", " 1", "NaN", 5, null, "9".repeat(79)])(
    "given %j, it should refuse the shape",
    async (tonnes) => {
      const answer = await sendUnsignable({ tonnes });
      expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
      expect(answer.body.errors[0].path).toBe("/body/intent/tonnes");
    },
  );

  it("given 0, it should refuse", async () => {
    const answer = await send({ tonnes: "0" });
    expect([answer.status, answer.body.code]).toEqual([422, "units-amount-zero"]);
  });

  it.each(["9007199254740993", "18446744073709551617", (2n ** 256n - 1n).toString()])(
    "given %s, above the balance, it should refuse with the exact number",
    async (tonnes) => {
      const answer = await send({ tonnes });
      expect(answer.body).toMatchObject({ status: 409, code: "units-insufficient-balance", evidence: { tonnes } });
    },
  );

  it("given more than is free of a frozen holding, it should refuse; a compliance officer freezes", async () => {
    const owner = await stage.firm();
    await send({ to: owner.account, tonnes: "10" });
    const officer = await stage.officerKey("compliance-officer", "compliance1");
    const frozen = await stage.post(
      `/v1/holdings/${owner.account}/${BATCH}/freeze`,
      { tonnes: "8" },
      { ...officer, ...WAIT },
    );
    expect(frozen.body).toMatchObject({ kind: "holding.freeze", status: "final" });
    expect((await stage.get(`/v1/holdings/${owner.account}/${BATCH}`, owner.key)).body.frozenTonnes).toBe("8");

    const intent = { ...freshTerms(owner.account), to: buyer.account, batch: BATCH, tonnes: "3", blocks: [] };
    const { body } = await signedBody("transfer", intent, owner.wallet, stage.domain);
    const answer = await stage.post("/v1/transfers", body, WAIT);
    expect(answer.body).toMatchObject({
      status: 409,
      code: "erc7943-insufficient-unfrozen-balance",
      evidence: { unfrozen: "2" },
    });
  });
});

describe("POST /v1/transfers given bad blocks", () => {
  const range = (start: number | string, end: number | string) => ({ start: String(start), end: String(end) });

  it.each([
    ["reversed", [range(10, 5)], "units-block-invalid"],
    ["from zero", [range(0, 9)], "units-block-invalid"],
    [
      "beyond what a batch can have",
      [range((2n ** 41n).toString(), (2n ** 41n + 9n).toString())],
      "units-block-invalid",
    ],
    ["too few", [range(80_001, 80_009)], "units-tonnes-mismatch"],
    ["overlapping", [range(80_001, 80_005), range(80_005, 80_009)], "units-block-not-held"],
    ["not owned", [range(200_001, 200_010)], "units-block-not-held"],
  ])("given %s, it should refuse", async (_what, blocks, code) => {
    const answer = await send({ tonnes: "10", blocks });
    expect(answer.body.code).toBe(code);
  });

  it("given more than the contract touches, it should tell the limit", async () => {
    const blocks = Array.from({ length: 65 }, (_, i) => range(70_000 + 2 * i, 70_000 + 2 * i));
    const answer = await send({ tonnes: "65", blocks });
    expect(answer.body).toMatchObject({ code: "units-too-many-blocks", evidence: { limit: "64" } });
  });

  it.each([
    [[{ start: "1" }]],
    ["1-5"],
    [[{ start: "1", end: "2", step: "1" }]],
    [[{ start: 1, end: 2 }]],
    [[range(1, (2n ** 64n).toString())]],
  ])("given the shape %j, it should refuse", async (blocks) => {
    expect((await sendUnsignable({ blocks })).body.code).toBe("validation-failed");
  });
});

describe("POST /v1/transfers given the wrong parties", () => {
  it("given an unknown holder or receiver, it should refuse", async () => {
    const stranger = Wallet.createRandom();
    const asHolder = await signed({ account: stranger.address }, stranger);
    const answer = await stage.post("/v1/transfers", asHolder.body, WAIT);
    expect(answer.body).toMatchObject({
      status: 422,
      code: "account-unknown",
      evidence: { account: stranger.address },
    });

    const asReceiver = await send({ to: stranger.address });
    expect(asReceiver.body).toMatchObject({ code: "account-unknown", evidence: { to: stranger.address } });
  });

  it("given a suspended participant on either side, it should refuse", async () => {
    const suspended = await stage.firm();
    await send({ to: suspended.account });
    await stage.ledger.participants.connect(stage.ledger.parts.compliance1).suspend(suspended.id, id("reason"));
    await stage.synced();

    const asReceiver = await send({ to: suspended.account });
    expect(asReceiver.body).toMatchObject({
      status: 409,
      code: "participant-suspended",
      evidence: { to: suspended.account },
    });
    const intent = { ...freshTerms(suspended.account), to: buyer.account, batch: BATCH, tonnes: "1", blocks: [] };
    const { body } = await signedBody("transfer", intent, suspended.wallet, stage.domain);
    const asHolder = await stage.post("/v1/transfers", body, WAIT);
    expect(asHolder.body).toMatchObject({
      status: 409,
      code: "participant-suspended",
      evidence: { account: suspended.account },
    });
  });

  it("given an unknown batch, it should refuse", async () => {
    const answer = await send({ batch: "NO-SUCH-BATCH" });
    expect([answer.status, answer.body.code]).toEqual([404, "registry-batch-unknown"]);
  });

  it("given a paused batch, it should refuse", async () => {
    const batchId = await stage.ledger.issueBatch({ code: "PAUSED-2024", recipient: seller.account });
    await stage.ledger.units.connect(stage.ledger.parts.guardian).pauseBatch(batchId);
    await stage.synced();
    const answer = await send({ batch: "PAUSED-2024" });
    expect([answer.status, answer.body.code]).toEqual([409, "units-batch-paused"]);
  });

  it.each([
    { to: "0x123" },
    { to: "buyer" },
    { batch: "lower-case" },
    { memo: "hello" },
    { nonce: -1 },
    { account: undefined },
  ])("given %j, it should refuse the shape", async (differences) => {
    const answer = await sendUnsignable(differences);
    expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
  });

  it("given an address whose checksum is wrong, it should refuse", async () => {
    const broken = buyer.account.replace(/[a-f]/i, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    expect((await sendUnsignable({ to: broken })).body.code).toBe("validation-failed");
  });
});
