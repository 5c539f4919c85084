import { id as idOf, Wallet } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createAuctions, type Auctions } from "../../../src/auctions/service.js";
import type { BidRecord } from "../../../src/auctions/bid-store.js";
import type { AuctionRecord } from "../../../src/auctions/store.js";
import { keccak256 } from "../../../src/chain/keccak.js";
import { checkTranscript, type AuctionTranscript } from "../../../src/matching/auction.js";
import type { SignedOrderJson } from "../../../src/market/ports.js";
import { ANONYMOUS, type Principal } from "../../../src/principal.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { createFakeMarket } from "../../support/fake-market.js";

const BATCH = "TRADED-2025";
const PAGE = { limit: 50 };
const HOUR = 3_600;

const accounts = Array.from({ length: 5 }, () => Wallet.createRandom().address);
const [seller = "", north = "", east = "", south = "", west = ""] = accounts;
const participants = new Map(accounts.map((account, index) => [account, index + 1]));
const positions = [
  { account: seller, asset: BATCH, amount: 1_000n },
  ...[north, east, south, west].map((account) => ({ account, asset: "", amount: 100_000_000n })),
];

describeEachDatabase("auctions", (open) => {
  let database: TestDatabase;
  let market: ReturnType<typeof createFakeMarket>;
  let auctions: Auctions;
  let nonce = 0;

  function start(): void {
    market = createFakeMarket(database.db, participants, positions);
    auctions = createAuctions({
      ...market,
      db: database.db,
      managed: {
        sign: async (principal, _account, terms) => {
          const account = principal.kind === "key" ? (accounts[(principal.participantId ?? 0) - 1] ?? "") : "";
          return signed({ ...terms, account, nonce: String(++nonce) });
        },
      },
    });
  }

  beforeAll(async () => void (database = await open()));
  afterAll(() => database.close());
  beforeEach(async () => {
    for (const table of ["auction_bids", "auctions", "orders", "trades", "cancelled_orders"] as const)
      await database.db.deleteFrom(table).execute();
    start();
  });

  type Order = SignedOrderJson["order"];
  const orderOf = (account: string, side: "buy" | "sell", tonnes: number, price: number): Order => ({
    account,
    batch: BATCH,
    side,
    tonnes: String(tonnes),
    minimumTonnes: "0",
    limitPrice: String(price),
    maximumFeeBasisPoints: "0",
    nonce: String(++nonce),
    expiresAt: market.later(3 * HOUR).toString(),
  });
  /** Opens in a minute, closes in an hour. */
  const times = () => ({ opensAt: market.later(60), closesAt: market.later(HOUR) });
  async function announce(tonnes = 300, reserve = 100_000, more: Partial<Order> = {}): Promise<AuctionRecord> {
    const order = signed({ ...orderOf(seller, "sell", tonnes, reserve), ...more });
    return (await auctions.announce({ ...order, ...times() }, ANONYMOUS)).record;
  }
  async function bid(
    auction: AuctionRecord,
    account: string,
    tonnes: number,
    price: number,
    more: Partial<Order> = {},
  ): Promise<BidRecord> {
    const order = signed({ ...orderOf(account, "buy", tonnes, price), ...more });
    return (await auctions.bid(auction.id, order, ANONYMOUS)).record;
  }
  async function opened(...given: Parameters<typeof announce>): Promise<AuctionRecord> {
    const auction = await announce(...given);
    market.pass(60);
    return auction;
  }
  const held = () => market.reservations.total();
  const statusOf = async (record: BidRecord) => {
    const { status, allottedTonnes } = await auctions.ownBid(
      record.auctionId,
      record.hash,
      keyOf(record.participantId),
    );
    return [status, Number(allottedTonnes)];
  };

  describe("announced", () => {
    it("should reserve the tonnes and publish the commitment to a seed that nobody sees", async () => {
      const auction = await announce();
      expect(market.reservations.list(seller)).toMatchObject([{ asset: BATCH, amount: 300n }]);
      expect(auction.seedCommitment).toBe(keccak256(auction.seed));
      expect((await auctions.list({ batch: BATCH, status: "open" }, PAGE)).items).toHaveLength(1);
      await expect(auctions.transcript(auction.id)).rejects.toMatchObject({ code: "auction-not-ended" });
    });

    it("given a managed seller, it should be signed by the service, to live an hour after the close", async () => {
      const terms = { batch: BATCH, tonnes: "10", price: "100000", maximumFeeBasisPoints: "0" };
      const { record } = await auctions.announce({ ...terms, ...times() }, keyOf(1));
      expect([record.seller, record.reservePrice]).toEqual([seller, 100_000n]);
    });

    it.each([
      [{ side: "buy" }, "auction-terms-invalid"],
      [{ minimumTonnes: "1" }, "auction-terms-invalid"],
      [{ expiresAt: "1" }, "auction-terms-invalid"],
      [{ batch: "UNKNOWN" }, "instrument-unknown"],
      [{ tonnes: "1001" }, "position-insufficient"],
      [{ account: Wallet.createRandom().address }, "account-unknown"],
    ] as const)("given %j, it should refuse with %s", async (differences, code) => {
      await expect(announce(300, 100_000, differences)).rejects.toMatchObject({ code });
      expect(held()).toBe(0n);
    });

    it("given times that do not fit, it should refuse", async () => {
      const order = signed(orderOf(seller, "sell", 10, 100_000));
      const bad = [
        { opensAt: market.later(0), closesAt: market.later(HOUR) },
        { opensAt: market.later(60), closesAt: market.later(60) },
        { opensAt: market.later(60), closesAt: market.later(32 * 24 * HOUR) },
      ];
      for (const given of bad) {
        const answer = auctions.announce({ ...order, ...given }, ANONYMOUS);
        await expect(answer).rejects.toMatchObject({ code: "auction-times-invalid" });
      }
    });

    it("should be called off by its seller before it opens, by the operator until it closes", async () => {
      const early = await announce(100);
      await expect(auctions.callOff(early.id, keyOf(2))).rejects.toMatchObject({ code: "forbidden" });
      expect((await auctions.callOff(early.id, keyOf(1))).status).toBe("cancelled");
      const auction = await opened(100);
      const made = await bid(auction, north, 10, 120_000);
      await expect(auctions.callOff(auction.id, keyOf(1))).rejects.toMatchObject({ code: "auction-started" });
      expect((await auctions.callOff(auction.id, OPERATOR)).status).toBe("cancelled");
      expect(await statusOf(made)).toEqual(["lost", 0]);
      expect(held()).toBe(0n);
      await expect(bid(auction, north, 10, 120_000)).rejects.toMatchObject({ code: "auction-closed" });
      await expect(auctions.transcript(auction.id)).rejects.toMatchObject({ code: "not-found" });
    });
  });

  describe("bid in", () => {
    it("should take bids from its opening to its close only", async () => {
      const auction = await announce();
      await expect(bid(auction, north, 10, 120_000)).rejects.toMatchObject({ code: "auction-not-yet-open" });
      market.pass(60);
      await bid(auction, north, 10, 120_000);
      market.pass(HOUR - 60);
      await expect(bid(auction, north, 10, 120_000)).rejects.toMatchObject({ code: "auction-closed" });
    });

    it("should show a bid to its bidder and to nobody else", async () => {
      const auction = await opened();
      const made = await bid(auction, north, 10, 120_000);
      expect((await auctions.ownBids(auction.id, keyOf(2), PAGE)).items).toHaveLength(1);
      expect((await auctions.ownBids(auction.id, keyOf(1), PAGE)).items).toHaveLength(0);
      await expect(auctions.ownBids(auction.id, OPERATOR, PAGE)).rejects.toMatchObject({ code: "forbidden" });
      await expect(auctions.ownBid(auction.id, made.hash, OPERATOR)).rejects.toMatchObject({ code: "not-found" });
      await expect(auctions.ownBid(auction.id, made.hash, keyOf(3))).rejects.toMatchObject({ code: "not-found" });
    });

    it("given the same bid again, it should be the same bid, reserved once", async () => {
      const auction = await opened();
      const order = signed(orderOf(north, "buy", 10, 120_000));
      const once = await auctions.bid(auction.id, order, ANONYMOUS);
      const again = await auctions.bid(auction.id, order, ANONYMOUS);
      expect([once.isNew, again.isNew, again.record]).toEqual([true, false, once.record]);
      expect(held()).toBe(300n + 10n * 120_000n);
    });

    it.each([
      [{ limitPrice: "99900" }, "auction-bid-below-reserve"],
      [{ side: "sell" }, "auction-terms-invalid"],
      [{ batch: "TRADED-1" }, "auction-terms-invalid"],
      [{ minimumTonnes: "10" }, "auction-terms-invalid"],
      [{ expiresAt: "1" }, "auction-terms-invalid"],
      [{ account: seller }, "auction-own-bid"],
      [{ tonnes: "1000" }, "position-insufficient"],
    ] as const)("given %j, it should refuse with %s", async (differences, code) => {
      const auction = await opened();
      await expect(bid(auction, north, 10, 120_000, differences)).rejects.toMatchObject({ code });
      expect(held()).toBe(300n);
    });

    it("should give a bid back before the close, once, to its bidder", async () => {
      const auction = await opened();
      const made = await bid(auction, north, 10, 120_000);
      await expect(auctions.cancelBid(auction.id, made.hash, keyOf(3))).rejects.toMatchObject({ code: "not-found" });
      expect((await auctions.cancelBid(auction.id, made.hash, keyOf(2))).status).toBe("cancelled");
      expect((await auctions.cancelBid(auction.id, made.hash, keyOf(2))).status).toBe("cancelled");
      expect(held()).toBe(300n);
      const late = await bid(auction, north, 10, 120_000);
      market.pass(HOUR);
      await expect(auctions.cancelBid(auction.id, late.hash, keyOf(2))).rejects.toMatchObject({
        code: "auction-closed",
      });
    });

    it("given an auction that is not there, it should say so", async () => {
      const nothing = { ...(await announce()), id: idOf("nothing") };
      await expect(bid(nothing, north, 10, 120_000)).rejects.toMatchObject({ code: "not-found" });
    });
  });

  describe("closed", () => {
    async function closeNow(auction: AuctionRecord): Promise<AuctionRecord> {
      market.pass(HOUR);
      await auctions.closeDue();
      return auctions.auction(auction.id);
    }

    it("should clear at one price for all, the last winner with what is left, and release the rest", async () => {
      const auction = await opened(300);
      const bids = [
        await bid(auction, north, 150, 130_000),
        await bid(auction, east, 100, 125_000),
        await bid(auction, south, 100, 120_000),
        await bid(auction, west, 100, 110_000),
      ];
      const closed = await closeNow(auction);
      expect(closed).toMatchObject({ status: "cleared", clearingPrice: 120_000n });
      expect(await Promise.all(bids.map(statusOf))).toEqual([
        ["won", 150],
        ["won", 100],
        ["won", 50],
        ["lost", 0],
      ]);
      expect(
        market.desk.trades.map(({ takerHash, buyer, tonnes, price }) => [takerHash, buyer, tonnes, price]),
      ).toEqual([
        [auction.id, north, 150, 120_000],
        [auction.id, east, 100, 120_000],
        [auction.id, south, 50, 120_000],
      ]);
      expect(held()).toBe(300n + 300n * 120_000n);
      expect(market.reservations.list(west)).toEqual([]);
    });

    it("should give a transcript that anyone can check, and that no change survives", async () => {
      const auction = await opened(150);
      for (const account of [north, east, south, west]) await bid(auction, account, 50, 120_000);
      await closeNow(auction);
      const transcript = (await auctions.transcript(auction.id)) as unknown as AuctionTranscript;
      expect(checkTranscript(transcript, keccak256)).toEqual([]);
      expect(transcript.seedHash).toBe(auction.seedCommitment);
      const won = transcript.bids.map(({ wonTonnes }) => wonTonnes);
      expect(won).toEqual(["50", "50", "50", "0"]);
      const turned = { ...transcript, bids: transcript.bids.toReversed() };
      expect(checkTranscript(turned, keccak256)).not.toEqual([]);
      expect(checkTranscript({ ...transcript, seed: idOf("other") }, keccak256)).toEqual(["seed-not-committed"]);
    });

    it("given too little demand, it should be void and return everything", async () => {
      const auction = await opened(300);
      const made = await bid(auction, north, 299, 130_000);
      expect(await closeNow(auction)).toMatchObject({ status: "void", voidReason: "undersubscribed" });
      expect(await statusOf(made)).toEqual(["lost", 0]);
      expect([held(), market.desk.trades]).toEqual([0n, []]);
    });

    it("given a bidder who is suspended by then, it should leave the bid out", async () => {
      const auction = await opened(100);
      await bid(auction, north, 100, 130_000);
      const second = await bid(auction, east, 100, 110_000);
      market.suspended.add(north);
      expect((await closeNow(auction)).clearingPrice).toBe(110_000n);
      expect(await statusOf(second)).toEqual(["won", 100]);
      const { excluded } = await auctions.transcript(auction.id);
      expect(excluded).toMatchObject([{ reason: "participant-suspended" }]);
    });

    it("given a seller who is suspended by then, it should be void", async () => {
      const auction = await opened(100);
      await bid(auction, north, 100, 130_000);
      market.suspended.add(seller);
      expect(await closeNow(auction)).toMatchObject({ status: "void", voidReason: "seller-participant-suspended" });
      expect(held()).toBe(0n);
    });

    it("given a bidder whose money has left by then, it should leave out the latest bids that it does not cover", async () => {
      const auction = await opened(100);
      const covered = await bid(auction, north, 60, 130_000);
      const uncovered = await bid(auction, north, 40, 130_000);
      const second = await bid(auction, east, 100, 110_000);
      positions.find(({ account }) => account === north)!.amount = 12_999_999n;
      try {
        expect((await closeNow(auction)).clearingPrice).toBe(110_000n);
      } finally {
        positions.find(({ account }) => account === north)!.amount = 100_000_000n;
      }
      expect(await statusOf(covered)).toEqual(["won", 60]);
      expect(await statusOf(second)).toEqual(["won", 40]);
      const { excluded } = await auctions.transcript(auction.id);
      expect(excluded).toEqual([{ digest: uncovered.hash, reason: "position-insufficient" }]);
    });

    it("given a seller whose units have left by then, it should be void", async () => {
      const auction = await opened(100);
      await bid(auction, north, 100, 130_000);
      positions[0]!.amount = 99n;
      try {
        expect(await closeNow(auction)).toMatchObject({ status: "void", voidReason: "seller-position-insufficient" });
      } finally {
        positions[0]!.amount = 1_000n;
      }
      expect(held()).toBe(0n);
    });

    it("given a fee by then, it should leave out who does not allow it, and be void where the seller does not", async () => {
      const auction = await opened(100, 100_000, { maximumFeeBasisPoints: "20" });
      await bid(auction, north, 100, 130_000, { maximumFeeBasisPoints: "19" });
      const second = await bid(auction, east, 100, 110_000, { maximumFeeBasisPoints: "20" });
      const other = await opened(100, 100_000, { maximumFeeBasisPoints: "19" });
      market.rules.fee = 20;
      expect((await closeNow(auction)).clearingPrice).toBe(110_000n);
      expect(await statusOf(second)).toEqual(["won", 100]);
      const { excluded } = await auctions.transcript(auction.id);
      expect(excluded).toMatchObject([{ reason: "order-fee-too-low" }]);
      expect(await closeNow(other)).toMatchObject({ status: "void", voidReason: "seller-order-fee-too-low" });
    });

    it("given a bid that was cancelled on the chain, it should leave it out", async () => {
      const auction = await opened(100);
      const gone = await bid(auction, north, 100, 130_000);
      const nonceOf = database.db.selectFrom("orders").select("nonce").where("hash", "=", gone.hash);
      const { nonce: cancelled } = await nonceOf.executeTakeFirstOrThrow();
      const onChain = { account: north, batch_code: BATCH, block_number: 1n, tx_hash: idOf("cancelled") };
      await database.db
        .insertInto("cancelled_orders")
        .values({ ...onChain, nonce: cancelled })
        .execute();
      expect((await closeNow(auction)).status).toBe("void");
      expect((await auctions.transcript(auction.id))["excluded"]).toEqual([
        { digest: gone.hash, reason: "order-void" },
      ]);
    });

    it("should end once, whoever closes it, and however often", async () => {
      const auction = await opened(100);
      await bid(auction, north, 100, 130_000);
      await expect(auctions.close(auction.id)).rejects.toMatchObject({ code: "auction-not-ended" });
      market.pass(HOUR);
      const ended = await Promise.all([auctions.close(auction.id), auctions.closeDue(), auctions.close(auction.id)]);
      expect(ended[0].status).toBe("cleared");
      expect((await auctions.close(auction.id)).closedAt).toEqual(ended[0].closedAt);
      expect(market.desk.trades).toHaveLength(1);
      expect(held()).toBe(100n + 100n * 130_000n);
    });

    it("given a stop after its end and before its orders were let go, a start should let them go", async () => {
      const auction = await opened(100);
      const winner = await bid(auction, north, 100, 130_000);
      const loser = await bid(auction, east, 100, 120_000);
      market.sealed.conclude = async () => undefined;
      await closeNow(auction);
      start();
      await auctions.restore();
      const rows = await database.db.selectFrom("orders").select(["hash", "status", "filled_tonnes"]).execute();
      const stateOf = (hash: string) => rows.find((row) => row.hash === hash);
      expect(stateOf(auction.id)).toMatchObject({ status: "filled", filled_tonnes: 100n });
      expect(stateOf(winner.hash)).toMatchObject({ status: "filled", filled_tonnes: 100n });
      expect(stateOf(loser.hash)).toMatchObject({ status: "cancelled", filled_tonnes: 0n });
    });
  });
});

/** The fake market takes the signature for the digest. */
function signed(order: SignedOrderJson["order"]): SignedOrderJson {
  return { order, signature: idOf(JSON.stringify(order)) };
}

const OPERATOR: Principal = {
  kind: "key",
  keyId: "o",
  scope: "role",
  participantId: null,
  role: "exchange-operator",
  account: null,
};

function keyOf(participantId: number): Principal {
  return { kind: "key", keyId: "k", scope: "participant", participantId, role: null, account: null };
}
