import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { batchIdOf } from "../../../src/chain/codes.js";
import { createExchangeCalls } from "../../../src/chain/exchange-calls.js";
import { eventSources } from "../../../src/chain/manifest.js";
import { createOperations } from "../../../src/operations/service.js";
import { createWithdrawalServer, SERVE_KIND } from "../../../src/positions/withdrawal-server.js";
import { describeEachDatabase } from "../../support/database.js";
import { RecordingLogger } from "../../support/recording-logger.js";
import {
  freshTerms,
  signedBody,
  startTestService,
  type SelfCustodyFirm,
  type TestService,
} from "../../support/service.js";

const WAIT = { prefer: "wait=20" };
const CODE = "VN-2024-001";
/** Generous: other tests may have the processor. */
const POLL = { timeout: 20_000, interval: 20 };

describeEachDatabase("withdrawals", (open) => {
  let service: TestService;
  let alice: SelfCustodyFirm;

  beforeAll(async () => {
    service = await startTestService({ database: await open() });
    await service.synced();
    alice = await service.firm(Wallet.createRandom());
    await service.ledger.issueBatch({ code: CODE, tonnes: 1_000, recipient: alice.account });
    await service.ledger.fundCash(alice.account, 1_000_000n);
    await service.synced();
    const units = {
      ...freshTerms(alice.account),
      to: service.ledger.addresses.Exchange,
      batch: CODE,
      tonnes: "100",
      blocks: [],
    };
    const deposit = await signedBody("transfer", units, alice.wallet, service.domain);
    expect((await service.post("/v1/transfers", deposit.body, WAIT)).status).toBe(201);
    const money = { ...freshTerms(alice.account), to: service.ledger.addresses.Exchange, amount: "500000" };
    const cash = await signedBody("cash-transfer", money, alice.wallet, service.domain);
    expect((await service.post("/v1/cash/transfers", cash.body, WAIT)).status).toBe(200);
  });

  afterAll(() => service.close());

  async function ask(batch: string | null, amount: string, firm = alice) {
    const json = { ...freshTerms(firm.account), batch, amount };
    const { body } = await signedBody("exchange-withdrawal", json, firm.wallet, service.domain);
    return service.post("/v1/withdrawals", body, WAIT);
  }

  async function position(batch: string): Promise<{ amount: string; leaving: string; available: string } | undefined> {
    const { body } = await service.get(`/v1/positions?batch=${batch}`, alice.key);
    return body.items[0];
  }

  const served = () =>
    service.db.selectFrom("operations").selectAll().where("kind", "=", SERVE_KIND).orderBy("seq").execute();

  it("should show the positions, to their owner and to institutions", async () => {
    const { body } = await service.get("/v1/positions", alice.key);
    expect(body.items).toEqual([
      {
        account: alice.account,
        participantId: alice.id,
        batch: null,
        amount: "500000",
        leaving: "0",
        availableAt: null,
        reserved: "0",
        available: "500000",
      },
      expect.objectContaining({ batch: CODE, amount: "100", available: "100" }),
    ]);
    const other = await service.firm();
    expect((await service.get("/v1/positions", other.key)).body.items).toEqual([]);
  });

  describe("while no operator's key is here", () => {
    it("should take what is asked for out of trading, and wait", async () => {
      const answer = await ask(null, "1000");
      expect(answer.status).toBe(201);
      const where = answer.headers.get("location") ?? "";
      expect((await service.get(where, alice.key)).body).toMatchObject({
        account: alice.account,
        batch: null,
        amount: "1000",
        status: "leaving",
        closedAt: null,
      });
      expect(await position("cash")).toMatchObject({ amount: "500000", leaving: "1000", available: "499000" });
      expect(await served()).toEqual([]);
    });

    it.each([
      ["more than is free", null, "499001", 409, "position-insufficient"],
      ["more than 2^53", null, (2n ** 100n).toString(), 409, "position-insufficient"],
      ["more units than there are", CODE, "101", 409, "position-insufficient"],
      ["a batch without a position", "OTHER", "1", 409, "position-insufficient"],
      ["nothing", CODE, "0", 422, "exchange-amount-zero"],
    ])("given %s, it should refuse", async (_what, batch, amount, status, code) => {
      const answer = await ask(batch, amount);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    });

    it("given 2^128, or a fraction, it should refuse the body", async () => {
      for (const amount of [(2n ** 128n).toString(), "1.5", 7]) {
        const json = { ...freshTerms(alice.account), batch: null, amount };
        const answer = await service.post("/v1/withdrawals", { intent: json, signature: "0x00" });
        expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
      }
    });

    it("should keep back what is asked for while it is under way", async () => {
      service.connection.faults.isDown = true;
      const answers = await Promise.all(["300000", "300000"].map((amount) => askUnsettled(amount)));
      expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
      service.connection.faults.isDown = false;
      const accepted = answers.find(({ status }) => status === 202);
      const end = await service.get(`/v1/operations/${accepted?.body.id}`, WAIT);
      expect(end.body.status).toBe("final");
      expect(await position("cash")).toMatchObject({ leaving: "301000" });
      await expect.poll(async () => (await position("cash"))?.available, POLL).toBe("199000");
    });

    async function askUnsettled(amount: string) {
      const json = { ...freshTerms(alice.account), batch: null, amount };
      const { body } = await signedBody("exchange-withdrawal", json, alice.wallet, service.domain);
      return service.post("/v1/withdrawals", body);
    }
  });

  describe("once the operator's key is here", () => {
    it("should serve what is leaving, once", async () => {
      const before = await service.ledger.cash.balanceOf(alice.account);
      await service.officerKey("exchange-operator", "operator");
      await ask(CODE, "40");
      await expect.poll(async () => (await position(CODE))?.amount, POLL).toBe("60");
      await expect.poll(async () => (await position("cash"))?.amount, POLL).toBe("199000");
      expect(await service.ledger.cash.balanceOf(alice.account)).toBe(before + 301_000n);
      expect(await service.ledger.units.balanceOf(alice.account, batchIdOf(CODE))).toBe(940n);

      const { body } = await service.get("/v1/withdrawals", alice.key);
      expect(body.items.map(({ status }: { status: string }) => status)).toEqual([
        "withdrawn",
        "withdrawn",
        "withdrawn",
      ]);
      expect((await served()).map(({ status }) => status)).toEqual(["final", "final"]);
    });

    it("should serve what the owner asked the contract for itself", async () => {
      const { exchange, firms } = service.ledger;
      const owner = firms[0]!;
      await service.ledger.admit(null, owner);
      await service.ledger.fundCash(owner, 700n);
      await service.ledger.depositCash(owner, 700n);
      await exchange.connect(owner).requestCashWithdrawal(owner, 700n);
      await expect.poll(() => service.ledger.cash.balanceOf(owner), POLL).toBe(700n);
    });

    it("given several processes that look at once, it should ask once", async () => {
      service.connection.faults.isDown = true;
      const { exchange } = service.ledger;
      const owner = service.ledger.firms[0]!;
      await service.ledger.depositCash(owner, 200n);
      await exchange.connect(owner).requestCashWithdrawal(owner, 200n);
      service.connection.faults.isDown = false;
      await service.synced();
      const operations = createOperations({ db: service.db, kick: () => undefined });
      const calls = createExchangeCalls(eventSources(service.ledger.manifest));
      const { projector } = service.service;
      const logger = new RecordingLogger();
      const count = (await served()).length;
      await Promise.all(
        [1, 2, 3].map(() => createWithdrawalServer({ db: service.db, operations, calls, projector, logger }).run()),
      );
      await expect.poll(() => service.ledger.cash.balanceOf(owner), POLL).toBe(700n);
      expect((await served()).length - count).toBeLessThanOrEqual(1);
    });

    it("given money that is paused, it should try again later", async () => {
      const { cash, parts, exchange } = service.ledger;
      const owner = service.ledger.firms[0]!;
      await service.ledger.depositCash(owner, 100n);
      await cash.connect(parts.guardian).pause();
      const count = (await served()).length;
      await exchange.connect(owner).requestCashWithdrawal(owner, 100n);
      await expect.poll(async () => (await served())[count]?.status, POLL).toBe("rejected");
      await cash.connect(parts.compliance1).unpause();
      await service.synced();

      const operations = createOperations({ db: service.db, kick: () => undefined });
      const calls = createExchangeCalls(eventSources(service.ledger.manifest));
      const { projector } = service.service;
      const later = (ms: number) =>
        createWithdrawalServer({
          db: service.db,
          operations,
          calls,
          projector,
          logger: new RecordingLogger(),
          now: () => Date.now() + ms,
        }).run();
      await later(1_000);
      expect((await served()).length).toBe(count + 1);
      await later(60_000);
      await expect.poll(() => cash.balanceOf(owner), POLL).toBe(700n);
    });
  });

  it("should carry a replaced account's position to its successor", async () => {
    const { participants, parts } = service.ledger;
    const successor = Wallet.createRandom().address;
    await participants.connect(parts.compliance1).proposeReplacement(alice.account, successor);
    await participants.connect(parts.compliance2).approveReplacement(alice.account, successor);
    await service.synced();
    const officer = await service.officerKey("compliance-officer", "compliance2");
    const recover = (batch: string | null) =>
      service.post(`/v1/accounts/${alice.account}/position-recovery`, { batch }, { ...officer, ...WAIT });
    expect((await recover(null)).status).toBe(200);
    expect((await recover(CODE)).status).toBe(200);
    expect((await recover(CODE)).body.code).toBe("exchange-amount-zero");
    const { body } = await service.get(`/v1/positions?account=${successor}`, alice.key);
    expect(body.items).toMatchObject([{ amount: "199000" }, { amount: "60" }]);
    expect((await ask(null, "1")).body.code).toBe("account-unknown");
  });

  it("should agree with the chain", async () => {
    expect((await service.service.reconciler.run()).differences).toEqual([]);
  });
});
