import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { OrderJson } from "../../../src/chain/orders.js";
import { describeEachDatabase } from "../../support/database.js";
import { PRICE, START_TONNES, startTrading, type TradingFirm, type TradingStage } from "../../support/trading.js";

const LONG = 120_000;
const BOARD = { mode: "put-through" };

describeEachDatabase("electronic put-through", (open) => {
  let stage: TradingStage;

  beforeAll(async () => {
    stage = await startTrading({ database: await open() });
  }, LONG);
  afterAll(() => stage.close());

  /** A firm order to sell a hundred tonnes. */
  async function offer(firm: TradingFirm, differences: Partial<OrderJson> = {}): Promise<string> {
    const { status, body } = await stage.place(firm, differences, BOARD);
    expect([status, body.status]).toEqual([201, "open"]);
    return body.id;
  }
  const select = (firm: TradingFirm, selects: string, tonnes: string, differences: Partial<OrderJson> = {}) =>
    stage.place(firm, { side: "buy", tonnes, ...differences }, { ...BOARD, selects });
  const board = async (query = "") => (await stage.get(`/v1/put-through-orders${query}`)).body.items;
  const shown = (id: string) => stage.get(`/v1/put-through-orders/${id}`);

  describe("GET /v1/put-through-orders", () => {
    it("should show side, price, tonnes and member of a firm order to everybody, and not what stands in the book", async () => {
      await stage.place(stage.alice, { tonnes: "5", limitPrice: String(PRICE + 50_000) });
      const id = await offer(stage.alice, { minimumTonnes: "10" });
      const { body } = await shown(id);
      expect(body).toMatchObject({
        id,
        side: "sell",
        price: String(PRICE),
        tonnes: "100",
        minimumTonnes: "10",
        batch: stage.batch,
        participantId: stage.alice.id,
      });
      expect(await board()).toEqual([body]);
    });

    it("should filter, and give pages", async () => {
      const bid = await offer(stage.bob, { side: "buy", limitPrice: String(PRICE - 5_000) });
      await offer(stage.carol, { limitPrice: String(PRICE + 5_000) });
      expect((await board("?side=buy")).map(({ id }: { id: string }) => id)).toEqual([bid]);
      expect(await board(`?participantId=${stage.bob.id}`)).toHaveLength(1);
      expect(await board("?batch=NOTHING")).toEqual([]);
      const first = await stage.get("/v1/put-through-orders?limit=2");
      const rest = await stage.get(`/v1/put-through-orders?limit=2&cursor=${first.body.next}`);
      expect([...first.body.items, ...rest.body.items]).toHaveLength(3);
      expect(rest.body.next).toBeNull();
    });
  });

  describe("an order that selects", () => {
    it("should take a part, at the firm order's price, and leave the rest on the board", async () => {
      const id = await offer(stage.alice, { minimumTonnes: "50" });
      const early = await select(stage.bob, id, "49");
      expect([early.status, early.body.code]).toEqual([409, "put-through-unavailable"]);
      const taken = await select(stage.bob, id, "60", { limitPrice: String(PRICE + 3_000) });
      expect([taken.status, taken.body.status, taken.body.filledTonnes]).toEqual([201, "filled", "60"]);
      expect((await shown(id)).body).toMatchObject({ tonnes: "40", minimumTonnes: "1" });
      const [trade] = await stage.settled(stage.bob);
      expect(trade).toMatchObject({ mode: "put-through", tonnes: "60", price: String(PRICE), status: "settled" });
      const { tonnes } = await stage.ledger.exchange.unitPosition(stage.bob.account, stage.batchId);
      expect(tonnes).toBe(START_TONNES + 60n);
    });

    it("given a firm order that was consumed, it should be refused, and reserve nothing", async () => {
      const id = await offer(stage.alice);
      expect((await select(stage.bob, id, "100")).status).toBe(201);
      expect((await shown(id)).status).toBe(404);
      const second = await select(stage.carol, id, "1");
      expect([second.status, second.body.code]).toEqual([409, "put-through-unavailable"]);
      const { body } = await stage.get(`/v1/reservations?account=${stage.carol.account}`, stage.carol.key);
      expect(body.items.some(({ batch }: { batch: string | null }) => batch === null)).toBe(false);
    });

    it("given two members who select all of it at once, it should be one's", async () => {
      const id = await offer(stage.alice);
      const answers = await Promise.all([select(stage.bob, id, "100"), select(stage.carol, id, "100")]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    });

    it.each([
      ["more than is left", { tonnes: "101" }],
      ["a worse price", { limitPrice: String(PRICE - 1_000) }],
      ["the same side", { side: "sell" as const }],
    ])("given %s, it should be refused", async (_what, differences) => {
      const id = await offer(stage.alice);
      const answer = await select(stage.bob, id, "100", differences);
      expect([answer.status, answer.body.code]).toEqual([409, "put-through-unavailable"]);
    });

    it("given its own firm order, it should be refused", async () => {
      const id = await offer(stage.alice);
      expect((await select(stage.alice, id, "100")).status).toBe(409);
    });

    it("given a firm order that was taken back, it should be refused", async () => {
      const id = await offer(stage.alice);
      await stage.send(`/v1/orders/${id}`, { method: "DELETE", headers: stage.alice.key });
      expect((await shown(id)).status).toBe(404);
      expect((await select(stage.bob, id, "100")).body.code).toBe("put-through-unavailable");
    });
  });
});
