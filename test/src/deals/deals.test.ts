import { Wallet } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { dealOf, exchangeDomain, hashDeal, signDeal, type DealJson } from "../../../src/chain/orders.js";
import { localSigner } from "../../../src/chain/signers.js";
import { createDeals, type Deals } from "../../../src/deals/service.js";
import { Problem } from "../../../src/errors.js";
import { ANONYMOUS, type Principal } from "../../../src/principal.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { createFakeMarket } from "../../support/fake-market.js";

const BATCH = "TRADED-2024";
const PAGE = { limit: 50 };
const domain = exchangeDomain(31_337n, Wallet.createRandom().address);
const digestOf = (deal: DealJson): string => hashDeal(dealOf(deal), domain);

const seller = Wallet.createRandom();
const buyer = Wallet.createRandom();
const stranger = Wallet.createRandom();
const participants = new Map([
  [seller.address, 1],
  [buyer.address, 2],
  [stranger.address, 3],
]);
const positions = [
  { account: seller.address, asset: BATCH, amount: 1_000n },
  { account: buyer.address, asset: "", amount: 200_000_000n },
];

describeEachDatabase("deals", (open) => {
  let database: TestDatabase;
  let market: ReturnType<typeof createFakeMarket>;
  let deals: Deals;

  function start(): Deals {
    return createDeals({
      ...market,
      db: database.db,
      signers: {
        signerOf: async (address) => localSigner(address === seller.address ? seller.privateKey : buyer.privateKey),
      },
      connection: { getCode: async () => "0x", call: async () => "0x" },
      hashDeal: digestOf,
      managedAccountOf: async (principal) =>
        (principal.kind === "key" && principal.participantId === 1 ? seller : buyer).address,
    });
  }

  beforeAll(async () => void (database = await open()));
  afterAll(() => database.close());
  beforeEach(async () => {
    for (const table of ["deals", "trades", "closed_deals"] as const) await database.db.deleteFrom(table).execute();
    market = createFakeMarket(database.db, participants, positions);
    deals = start();
  });

  const dealWith = (differences: Partial<DealJson> = {}): DealJson => ({
    seller: seller.address,
    buyer: buyer.address,
    batch: BATCH,
    tonnes: "400",
    price: "136000",
    maximumFeeBasisPoints: "10",
    expiresAt: market.later(3_600).toString(),
    nonce: "7",
    ...differences,
  });
  const sign = (wallet: typeof seller, deal: DealJson) => signDeal(wallet, dealOf(deal), domain);
  const report = async (differences: Partial<DealJson> = {}) => {
    const deal = dealWith(differences);
    return deals.report({ deal, signature: await sign(seller, deal), reportedBy: "seller" }, ANONYMOUS);
  };
  const confirm = async (hash: string, wallet = buyer, deal = dealWith()) =>
    deals.confirm(hash, { signature: await sign(wallet, deal) }, ANONYMOUS);
  const held = () => market.reservations.total();

  describe("reported", () => {
    it("should reserve what the reporter needs, and show it to both parties only", async () => {
      const { deal, isNew } = await report();
      expect([isNew, deal.status, deal.reportedBy]).toEqual([true, "reported", "seller"]);
      expect(market.reservations.list(seller.address)).toMatchObject([{ asset: BATCH, amount: 400n }]);
      expect((await deals.deal(deal.hash, keyOf(2))).hash).toBe(deal.hash);
      await expect(deals.deal(deal.hash, keyOf(3))).rejects.toMatchObject({ code: "not-found" });
      expect((await deals.list({}, keyOf(1), PAGE)).items).toHaveLength(1);
      expect((await deals.list({}, keyOf(3), PAGE)).items).toHaveLength(0);
      expect((await deals.list({ status: "confirmed" }, keyOf(1), PAGE)).items).toHaveLength(0);
    });

    it("given the same report again, it should be the same deal, reserved once", async () => {
      await report();
      expect((await report()).isNew).toBe(false);
      expect(held()).toBe(400n);
    });

    it("given a report of the other side, it should point to the confirmation", async () => {
      await report();
      const deal = dealWith();
      const body = { deal, signature: await sign(buyer, deal), reportedBy: "buyer" } as const;
      await expect(deals.report(body, ANONYMOUS)).rejects.toMatchObject({ code: "deal-known" });
    });

    it("given the buyer as reporter, it should reserve price and highest fee", async () => {
      const deal = dealWith();
      await deals.report({ deal, signature: await sign(buyer, deal), reportedBy: "buyer" }, ANONYMOUS);
      expect(held()).toBe(400n * 136_000n + (400n * 136_000n * 10n) / 10_000n);
    });

    it("given a signature over other words, or of another, it should refuse and reserve nothing", async () => {
      const deal = dealWith();
      for (const signature of [await sign(seller, dealWith({ price: "135900" })), await sign(buyer, deal), "0x00"]) {
        const answer = deals.report({ deal, signature, reportedBy: "seller" }, ANONYMOUS);
        await expect(answer).rejects.toMatchObject({ code: "deal-signature-invalid" });
      }
      expect(held()).toBe(0n);
    });

    it.each([
      [{ tonnes: "0" }, "deal-quantity-invalid"],
      [{ tonnes: (2n ** 53n).toString() }, "deal-quantity-invalid"],
      [{ price: "0" }, "deal-quantity-invalid"],
      [{ maximumFeeBasisPoints: "10001" }, "deal-quantity-invalid"],
      [{ price: "136050" }, "price-off-tick"],
      [{ price: "200100" }, "price-outside-band"],
      [{ batch: "UNKNOWN" }, "instrument-unknown"],
      [{ expiresAt: "1" }, "deal-expired"],
      [{ expiresAt: "99999999999" }, "validation-failed"],
      [{ tonnes: "1001" }, "position-insufficient"],
      [{ buyer: seller.address }, "deal-own-sides"],
      [{ buyer: Wallet.createRandom().address }, "account-unknown"],
    ])("given %j, it should refuse with %s", async (differences, code) => {
      await expect(report(differences)).rejects.toMatchObject({ code });
      expect(held()).toBe(0n);
    });

    it("given a fee above what the deal accepts, it should refuse", async () => {
      market.rules.fee = 11;
      await expect(report()).rejects.toMatchObject({ code: "deal-fee-too-low" });
    });

    it("given a market that is closed, it should refuse", async () => {
      market.rules.refusal = new Problem("market-closed");
      await expect(report()).rejects.toMatchObject({ code: "market-closed" });
    });
  });

  describe("confirmed", () => {
    it("should make a trade of both signatures, and reserve for it what was reserved for the deal", async () => {
      const { deal } = await report();
      const confirmed = await confirm(deal.hash);
      expect(confirmed.status).toBe("confirmed");
      const [trade] = market.desk.trades;
      expect(trade).toMatchObject({ id: deal.hash, mode: "deal", tonnes: 400, price: 136_000, sellerParticipantId: 1 });
      expect(trade?.deal).toEqual({
        deal: dealWith(),
        sellerSignature: await sign(seller, dealWith()),
        buyerSignature: await sign(buyer, dealWith()),
      });
      expect(market.reservations.list(seller.address).map(({ key }) => key)).toEqual([`trade:${deal.hash}:units`]);
      expect(market.reservations.list(buyer.address).map(({ key }) => key)).toEqual([`trade:${deal.hash}:cash`]);
    });

    it("should be settled, or failed, as soon as its trade is", async () => {
      const { deal } = await report();
      await confirm(deal.hash);
      const settled = { status: "settled", tx_hash: `0x${"ab".repeat(32)}`, block_number: 9n } as const;
      await database.db.updateTable("trades").set(settled).where("id", "=", deal.hash).execute();
      const found = await deals.deal(deal.hash, keyOf(2));
      expect(found).toMatchObject({ status: "settled", txHash: settled.tx_hash, blockNumber: 9n });
      expect((await deals.list({ status: "settled" }, keyOf(2), PAGE)).items).toHaveLength(1);
    });

    it("given a second confirmation, it should refuse, and trade once", async () => {
      const { deal } = await report();
      await confirm(deal.hash);
      await expect(confirm(deal.hash)).rejects.toMatchObject({ code: "deal-not-open" });
      expect(market.desk.trades).toHaveLength(1);
    });

    it("given two confirmations at once, it should trade once and reserve exactly", async () => {
      const { deal } = await report();
      const answers = await Promise.allSettled([confirm(deal.hash), confirm(deal.hash)]);
      expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(market.desk.trades).toHaveLength(1);
      expect(held()).toBe(400n + 400n * 136_000n);
    });

    it("given the reporter itself, a stranger or other words, it should refuse", async () => {
      const { deal } = await report();
      await expect(confirm(deal.hash, seller)).rejects.toMatchObject({ code: "deal-wrong-party" });
      await expect(confirm(deal.hash, stranger)).rejects.toMatchObject({ code: "deal-signature-invalid" });
      const other = confirm(deal.hash, buyer, dealWith({ tonnes: "401" }));
      await expect(other).rejects.toMatchObject({ code: "deal-signature-invalid" });
      await expect(confirm(`0x${"00".repeat(32)}`)).rejects.toMatchObject({ code: "not-found" });
      expect(held()).toBe(400n);
    });

    it("given a buyer without the cash, or a suspended party, it should refuse and stay open", async () => {
      const { deal } = await report({ price: "200000", tonnes: "1000" });
      const poor = confirm(deal.hash, buyer, dealWith({ price: "200000", tonnes: "1000" }));
      await expect(poor).rejects.toMatchObject({ code: "position-insufficient" });
      market.suspended.add(seller.address);
      const late = confirm(deal.hash, buyer, dealWith({ price: "200000", tonnes: "1000" }));
      await expect(late).rejects.toMatchObject({ code: "participant-suspended" });
      expect((await deals.deal(deal.hash, keyOf(1))).status).toBe("reported");
      expect(held()).toBe(1_000n);
    });

    it("given that its time or the market's is over, it should refuse", async () => {
      const { deal } = await report();
      market.rules.refusal = new Problem("market-halted");
      await expect(confirm(deal.hash)).rejects.toMatchObject({ code: "market-halted" });
      market.rules.refusal = undefined;
      market.pass(3_540);
      await expect(confirm(deal.hash, buyer, deal.deal)).rejects.toMatchObject({ code: "deal-expired" });
    });
  });

  describe("managed", () => {
    it("should be signed by the service, on either side", async () => {
      const { nonce: _, seller: __, buyer: counterparty, ...terms } = dealWith();
      const { deal } = await deals.report({ side: "seller", counterparty, ...terms }, keyOf(1));
      await expect(deals.confirm(deal.hash, {}, keyOf(1))).rejects.toMatchObject({ code: "deal-wrong-party" });
      const confirmed = await deals.confirm(deal.hash, {}, keyOf(2));
      expect(confirmed.sellerSignature).toBe(await sign(seller, deal.deal));
      expect(confirmed.buyerSignature).toBe(await sign(buyer, deal.deal));
    });

    it("given a nonce of the firm's own, the same request should be the same deal", async () => {
      const { seller: __, buyer: counterparty, ...terms } = dealWith();
      const once = await deals.report({ side: "seller", counterparty, ...terms }, keyOf(1));
      const again = await deals.report({ side: "seller", counterparty, ...terms }, keyOf(1));
      expect([again.isNew, again.deal.hash]).toEqual([false, once.deal.hash]);
      expect(held()).toBe(400n);
    });
  });

  describe("ended without a trade", () => {
    it.each([
      [1, "seller"],
      [2, "buyer"],
    ])("given that participant %i does not want it, it should be cancelled by the %s and release", async (id, side) => {
      const { deal } = await report();
      const cancelled = await deals.cancel(deal.hash, keyOf(id));
      expect(cancelled).toMatchObject({ status: "cancelled", cancelledBy: side });
      expect(held()).toBe(0n);
      await expect(confirm(deal.hash)).rejects.toMatchObject({ code: "deal-not-open" });
      await expect(deals.cancel(deal.hash, keyOf(id))).rejects.toMatchObject({ code: "deal-not-open" });
    });

    it("given a stranger, it should not be there", async () => {
      const { deal } = await report();
      await expect(deals.cancel(deal.hash, keyOf(3))).rejects.toMatchObject({ code: "not-found" });
    });

    it("given that nobody confirms it, it should expire a minute early and release", async () => {
      const { deal } = await report();
      market.pass(3_539);
      await deals.sweep();
      expect((await deals.deal(deal.hash, keyOf(1))).status).toBe("reported");
      market.pass(1);
      await deals.sweep();
      expect((await deals.deal(deal.hash, keyOf(1))).status).toBe("expired");
      expect(held()).toBe(0n);
    });

    it("given that a party cancelled it on the chain, it should end", async () => {
      const { deal } = await report();
      await database.db
        .insertInto("closed_deals")
        .values({
          hash: deal.hash,
          status: "cancelled",
          cancelled_by: buyer.address,
          block_number: 1n,
          tx_hash: `0x${"cd".repeat(32)}`,
        })
        .execute();
      await expect(confirm(deal.hash)).rejects.toMatchObject({ code: "deal-not-open" });
      expect(await deals.deal(deal.hash, keyOf(1))).toMatchObject({ status: "cancelled", cancelledBy: "buyer" });
      expect(held()).toBe(0n);
    });
  });

  describe("after a restart", () => {
    it("should hold again what open deals need, and nothing of the others", async () => {
      const { deal } = await report();
      const { deal: gone } = await report({ nonce: "8", tonnes: "100" });
      await deals.cancel(gone.hash, keyOf(1));
      market = createFakeMarket(database.db, participants, positions);
      deals = start();
      await deals.restore();
      expect(held()).toBe(400n);
      expect((await confirm(deal.hash)).status).toBe("confirmed");
    });
  });
});

function keyOf(participantId: number): Principal {
  return { kind: "key", keyId: "k", scope: "participant", participantId, role: null, account: null };
}
