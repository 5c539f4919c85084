import { id, Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { stateHash } from "../../../src/ledger/state-hash.js";
import { rebuildFromEvents } from "../../../src/ledger/rebuild.js";
import { describeEachDatabase } from "../../support/database.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestFirm,
  type TestService,
} from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const LIMIT = 5_000_000_000n;
const TODAY = new Date().toISOString().slice(0, 10);

describeEachDatabase("money", (open) => {
  let service: TestService;
  let bank1: { authorization: string };
  let bank2: { authorization: string };
  let alice: SelfCustodyFirm;
  let bob: SelfCustodyFirm;
  let managed: TestFirm;
  let exchange: string;

  beforeAll(async () => {
    service = await startTestService({ database: await open() });
    await service.synced();
    bank1 = await service.officerKey("settlement-bank", "bank1");
    bank2 = await service.officerKey("settlement-bank", "bank2");
    alice = await service.firm();
    bob = await service.firm();
    managed = await service.managedFirm();
    exchange = service.ledger.addresses.Exchange;
  });

  afterAll(() => service.close());

  let deposits = 0;
  const deposit = (account: string, amount: bigint | string, key = bank1, reference = `ref ${++deposits}`) =>
    service.post("/v1/cash/deposits", { account, amount: amount.toString(), reference }, { ...key, ...WAIT });

  async function balanceOf(firm: TestFirm): Promise<string> {
    const { body } = await service.get(`/v1/cash/balances?account=${firm.account}`, firm.key);
    return body.items[0]?.amount ?? "0";
  }

  async function pay(from: SelfCustodyFirm, to: string, amount: string) {
    const { body } = await signedBody(
      "cash-transfer",
      { ...freshTerms(from.account), to, amount },
      from.wallet,
      service.domain,
    );
    return service.post("/v1/cash/transfers", body, WAIT);
  }

  const payout = { bank: "VCB", accountNumber: "0071001234567", accountHolder: "CONG TY ALICE" };

  async function redeem(amount: string): Promise<string> {
    const answer = await service.post("/v1/cash/redemptions", { amount, payout }, { ...managed.key, ...WAIT });
    expect(answer.status).toBe(201);
    return answer.body.result.redemptionId;
  }

  describe("POST /v1/cash/deposits", () => {
    it("should credit the account and tell where the deposit is", async () => {
      const answer = await deposit(alice.account, 1_000_000n, bank1, "VCB-2026-001");
      expect(answer.status).toBe(201);
      expect(answer.headers.get("location")).toBe(`/v1/cash/deposits/${id("VCB-2026-001")}`);
      const one = await service.get("/v1/cash/deposits/VCB-2026-001", alice.key);
      expect(one.body).toMatchObject({ account: alice.account, amount: "1000000", status: "minted", proposer: null });
      expect(await balanceOf(alice)).toBe("1000000");
    });

    it("given a reference that was used, it should refuse", async () => {
      const again = await deposit(bob.account, 5n, bank2, "VCB-2026-001");
      expect([again.status, again.body.code]).toEqual([409, "cash-reference-used"]);
      // The hash is the same reference.
      const hashed = await deposit(bob.account, 5n, bank2, id("VCB-2026-001"));
      expect(hashed.body.code).toBe("cash-reference-used");
    });

    it("given twice at once, it should credit once", async () => {
      const answers = await Promise.all([
        deposit(bob.account, 7n, bank1, "twin"),
        deposit(bob.account, 7n, bank2, "twin"),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      expect(await balanceOf(bob)).toBe("7");
    });

    it("above the limit, it should wait for another officer", async () => {
      const proposal = await deposit(managed.account, LIMIT + 1n, bank1, "large");
      expect([proposal.status, proposal.body.kind]).toEqual([201, "cash.deposit.propose"]);
      expect(await balanceOf(managed)).toBe("0");

      const words = { account: managed.account, amount: (LIMIT + 1n).toString() };
      const approve = (key: object, body: object) =>
        service.post("/v1/cash/deposits/large/approval", body, { ...key, ...WAIT });
      expect((await approve(bank1, words)).body.code).toBe("cash-same-officer");
      expect((await approve(bank2, { ...words, amount: "5" })).body.code).toBe("cash-proposal-mismatch");
      expect((await approve(bank2, words)).status).toBe(201);
      expect((await approve(bank2, words)).body.code).toBe("cash-proposal-unknown");
      expect(await balanceOf(managed)).toBe((LIMIT + 1n).toString());
    });

    it("should take a proposal back, and let it be made again", async () => {
      await deposit(bob.account, LIMIT + 2n, bank1, "again");
      const remove = () =>
        service.send("/v1/cash/deposits/again", { method: "DELETE", headers: { ...bank2, ...WAIT } });
      expect((await remove()).status).toBe(201);
      expect((await remove()).body.code).toBe("cash-proposal-unknown");
      expect((await deposit(bob.account, LIMIT + 3n, bank2, "again")).status).toBe(201);
      const { body } = await service.get("/v1/cash/deposits?status=proposed", bank1);
      expect(body.items.map(({ amount }: { amount: string }) => amount)).toEqual([(LIMIT + 3n).toString()]);
    });

    it.each([
      ["zero", { amount: "0" }, 400, "validation-failed"],
      ["a number", { amount: 5 }, 400, "validation-failed"],
      ["a fraction", { amount: "1.5" }, 400, "validation-failed"],
      ["an empty reference", { reference: "" }, 400, "validation-failed"],
      [
        "an account of nobody",
        { account: "0x00000000000000000000000000000000000000A1" },
        409,
        "cash-account-not-active",
      ],
    ])("given %s, it should refuse", async (_what, change, status, code) => {
      const body = { account: alice.account, amount: "5", reference: "never", ...change };
      const answer = await service.post("/v1/cash/deposits", body, { ...bank1, ...WAIT });
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    });

    it("should take amounts beyond 2^53 exactly, and refuse what the contract cannot count", async () => {
      const much = 2n ** 70n + 1n;
      await deposit(bob.account, much, bank1, "much");
      const body = { account: bob.account, amount: much.toString() };
      const approved = await service.post("/v1/cash/deposits/much/approval", body, { ...bank2, ...WAIT });
      expect(approved.status).toBe(201);
      expect(await balanceOf(bob)).toBe((much + 7n).toString());
      const beyond = await deposit(bob.account, 2n ** 72n);
      expect(beyond.body.code).toBe("cash-supply-exceeded");
    });

    it("should be the bank's alone", async () => {
      const registrar = await service.officerKey("registrar", "registrar1");
      expect((await deposit(alice.account, 5n, registrar)).status).toBe(403);
      expect((await deposit(alice.account, 5n, alice.key)).status).toBe(403);
    });
  });

  describe("POST /v1/cash/transfers", () => {
    it("should move money by signature, and by the managed key", async () => {
      const before = BigInt(await balanceOf(bob));
      expect((await pay(alice, bob.account, "250000")).status).toBe(200);
      const answer = await service.post(
        "/v1/cash/transfers",
        { to: bob.account, amount: "1" },
        { ...managed.key, ...WAIT },
      );
      expect(answer.status).toBe(200);
      expect(await balanceOf(alice)).toBe("750000");
      expect(await balanceOf(bob)).toBe((before + 250_001n).toString());
    });

    it("given the same intent again, it should answer with the same operation and move nothing", async () => {
      const json = { ...freshTerms(alice.account), to: bob.account, amount: "10" };
      const { body, hash } = await signedBody("cash-transfer", json, alice.wallet, service.domain);
      const answers = [];
      for (let i = 0; i < 2; i++) answers.push(await service.post("/v1/cash/transfers", body, WAIT));
      expect(answers.map((answer) => answer.body.id)).toEqual([hash, hash]);
      expect(await balanceOf(alice)).toBe("749990");
    });

    it("to the exchange, it should be a position", async () => {
      expect((await pay(alice, exchange, "49990")).status).toBe(200);
      const row = await service.db
        .selectFrom("exchange_positions")
        .selectAll()
        .where("account", "=", alice.account)
        .executeTakeFirst();
      expect(row).toMatchObject({ batch_code: "", amount: 49_990n });
      expect(await balanceOf(alice)).toBe("700000");
    });

    it.each([
      ["more than there is", "700001", 409, "erc20-insufficient-balance"],
      ["more than 2^53", (2n ** 60n).toString(), 409, "erc20-insufficient-balance"],
      ["nothing", "0", 422, "cash-amount-zero"],
      ["a negative amount", "-5", 400, "validation-failed"],
    ])("given %s, it should refuse", async (_what, amount, status, code) => {
      const json = { ...freshTerms(alice.account), to: bob.account, amount };
      if (status === 400) {
        const answer = await service.post("/v1/cash/transfers", { intent: json, signature: "0x00" });
        expect([answer.status, answer.body.code]).toEqual([status, code]);
        return;
      }
      const { body } = await signedBody("cash-transfer", json, alice.wallet, service.domain);
      const answer = await service.post("/v1/cash/transfers", body, WAIT);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    });

    it("should refuse strangers on either side, and another's signature", async () => {
      expect((await pay(alice, "0x00000000000000000000000000000000000000A1", "1")).body.code).toBe("account-unknown");
      const json = { ...freshTerms(alice.account), to: bob.account, amount: "1" };
      const { body } = await signedBody("cash-transfer", json, bob.wallet, service.domain);
      expect((await service.post("/v1/cash/transfers", body)).body.code).toBe("intent-signature-invalid");
    });

    it("should refuse a suspended firm, on either side", async () => {
      const carol = await service.firm();
      await deposit(carol.account, 100n);
      const { participants, parts } = service.ledger;
      await participants.connect(parts.compliance1).suspend(carol.id, id("why"));
      await service.synced();
      expect((await pay(carol, alice.account, "1")).body.code).toBe("participant-suspended");
      expect((await pay(alice, carol.account, "1")).body.code).toBe("participant-suspended");
      expect((await deposit(carol.account, 5n)).body.code).toBe("cash-account-not-active");
    });
  });

  describe("redemptions", () => {
    it("should be paid up to the limit by one officer, who learns where to pay", async () => {
      const redemption = await redeem("1000");
      const { body } = await service.get(`/v1/cash/redemptions/${redemption}`, bank1);
      expect(body).toMatchObject({ status: "requested", amount: "1000", payout, account: managed.account });
      expect((await service.get(`/v1/cash/redemptions/${redemption}`, alice.key)).status).toBe(404);

      const pays = (reference: string) =>
        service.post(`/v1/cash/redemptions/${redemption}/payment`, { reference }, { ...bank1, ...WAIT });
      expect((await pays("VCB-2026-001")).body.code).toBe("cash-reference-used");
      expect((await pays("out 1")).status).toBe(201);
      expect((await pays("out 2")).body.code).toBe("cash-redemption-not-open");
      const paid = await service.get(`/v1/cash/redemptions/${redemption}`, managed.key);
      expect(paid.body).toMatchObject({ status: "paid", paymentReference: id("out 1") });
    });

    it("should need two officers above the limit", async () => {
      const redemption = await redeem((LIMIT - 999_000_000n).toString());
      const { cash, parts, access } = service.ledger;
      const lower = cash.interface.encodeFunctionData("setSingleApprovalLimit", [1_000_000n]);
      await access.connect(parts.admin).execute(cash, lower);
      await service.synced();
      const act = (what: string, key: object, body: object) =>
        service.post(`/v1/cash/redemptions/${redemption}/${what}`, body, { ...key, ...WAIT });
      expect((await act("payment", bank1, { reference: "out 3" })).body.code).toBe("cash-approval-missing");
      expect((await act("approval", bank1, {})).status).toBe(201);
      expect((await act("payment", bank1, { reference: "out 3" })).body.code).toBe("cash-same-officer");
      expect((await act("payment", bank2, { reference: "out 3" })).status).toBe(201);
    });

    it("should come back when it is refused, with the reason", async () => {
      const before = await balanceOf(managed);
      const redemption = await redeem("500");
      const body = { reason: "The holder's name differs" };
      const refused = await service.post(`/v1/cash/redemptions/${redemption}/refusal`, body, { ...bank1, ...WAIT });
      expect(refused.status).toBe(201);
      const one = await service.get(`/v1/cash/redemptions/${redemption}`, managed.key);
      expect(one.body).toMatchObject({ status: "refused", reason: body.reason });
      expect(await balanceOf(managed)).toBe(before);
    });

    it("given another payout than was signed, it should refuse", async () => {
      const json = { ...freshTerms(alice.account), amount: "5", payoutHash: id("something else") };
      const { body } = await signedBody("redemption", json, alice.wallet, service.domain);
      const salted = { ...payout, salt: "0123456789abcdef" };
      const answer = await service.post("/v1/cash/redemptions", { ...body, payout: salted });
      expect([answer.status, answer.body.code]).toEqual([422, "cash-payout-mismatch"]);
    });

    it("given no such redemption, it should say so", async () => {
      const answer = await service.post("/v1/cash/redemptions/999/approval", {}, bank1);
      expect([answer.status, answer.body.code]).toEqual([404, "not-found"]);
    });
  });

  describe("GET /v1/cash/statement", () => {
    const statement = (firm: TestFirm, query = `from=${TODAY}&to=${TODAY}`, key = firm.key) =>
      service.get(`/v1/cash/statement?account=${firm.account}&${query}`, key);

    it("should add up from the opening to the closing, and agree with the balance", async () => {
      for (const firm of [alice, bob, managed]) {
        const { body } = await statement(firm);
        const sum: bigint = body.movements.reduce(
          (total: bigint, { amount }: { amount: string }) => total + BigInt(amount),
          0n,
        );
        expect(BigInt(body.opening) + sum).toBe(BigInt(body.closing));
        expect(BigInt(body.opening) + BigInt(body.credits) - BigInt(body.debits)).toBe(BigInt(body.closing));
        expect(body.movements.at(-1).balance).toBe(body.closing);
        expect(body.closing).toBe(await balanceOf(firm));
      }
      const { body } = await statement(alice);
      const kinds = body.movements.map(({ kind }: { kind: string }) => kind);
      expect(kinds).toEqual(["deposit", "transfer", "transfer", "exchange-deposit"]);
    });

    it("should show the money in trading apart", async () => {
      const { body } = await statement(alice, `from=${TODAY}&to=${TODAY}&place=exchange`);
      expect(body).toMatchObject({ opening: "0", closing: "49990", movements: [{ kind: "exchange-deposit" }] });
    });

    it("should be empty on other days, with the balance carried over", async () => {
      const { body } = await statement(alice, "from=2100-01-01&to=2100-12-31");
      expect(body).toMatchObject({ opening: "700000", closing: "700000", movements: [] });
      const before = await statement(alice, "from=2020-01-01&to=2020-12-31");
      expect(before.body).toMatchObject({ opening: "0", closing: "0" });
    });

    it("should be its owner's, and refuse days in the wrong order", async () => {
      expect((await statement(alice, `from=${TODAY}&to=${TODAY}`, bob.key)).status).toBe(404);
      expect((await statement(alice, "from=2026-02-01&to=2026-01-01")).body.code).toBe("validation-failed");
    });
  });

  describe("pause", () => {
    it("should stop money, and tell", async () => {
      const guardian = await service.officerKey("guardian", "guardian");
      const officer = await service.officerKey("compliance-officer", "compliance1");
      expect((await service.post("/v1/cash/pause", { reason: "drill" }, { ...guardian, ...WAIT })).status).toBe(200);
      expect((await service.get("/v1/cash")).body).toMatchObject({
        symbol: "VND",
        decimals: 0,
        paused: true,
        exchange,
      });
      expect((await pay(alice, bob.account, "1")).body.code).toBe("cash-is-paused");
      expect((await service.post("/v1/cash/unpause", {}, { ...officer, ...WAIT })).status).toBe(200);
      expect((await service.post("/v1/cash/unpause", {}, { ...officer, ...WAIT })).body.code).toBe("cash-not-paused");
      expect((await pay(alice, bob.account, "1")).status).toBe(200);
    });
  });

  it("should carry a replaced account's money to its successor", async () => {
    const lost = await service.firm();
    await deposit(lost.account, 123n);
    const { participants, parts } = service.ledger;
    const successor = Wallet.createRandom().address;
    await participants.connect(parts.compliance1).proposeReplacement(lost.account, successor);
    await participants.connect(parts.compliance2).approveReplacement(lost.account, successor);
    await service.synced();
    const officer = await service.officerKey("compliance-officer", "compliance2");
    const recover = () => service.post(`/v1/accounts/${lost.account}/cash-recovery`, {}, { ...officer, ...WAIT });
    expect((await recover()).status).toBe(200);
    expect((await recover()).body.code).toBe("cash-amount-zero");
    const { body } = await service.get(`/v1/cash/balances?account=${successor}`, lost.key);
    expect(body.items).toMatchObject([{ amount: "123", participantId: lost.id }]);
  });

  it("should agree with the chain, and with itself when rebuilt", async () => {
    const { differences } = await service.service.reconciler.run();
    expect(differences).toEqual([]);
    const before = await stateHash(service.db);
    await rebuildFromEvents(service.db);
    expect(await stateHash(service.db)).toBe(before);
  });
});
