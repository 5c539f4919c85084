import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { bearer, local, MORNING, startMarketStage, tradeFate, type MarketStage } from "../../support/market-stage.js";

const DAY = 86_400_000;
const NEW_DEFINITION = { tick: "100", bandBasisPoints: 1_000, referencePrice: "136000", calendar: "vietnam" };

describeEachDatabase("instruments", (open) => {
  let database: TestDatabase;
  let stage: MarketStage;

  beforeEach(async () => {
    database = await open();
    stage = await startMarketStage(database);
  });
  afterEach(async () => {
    await stage.close();
    await database.close();
  });

  const get = async (batch = "A-1") => (await stage.get(`/v1/instruments/${batch}`)).body;
  const halt = (who: string, what: "halt" | "resume" = "halt") =>
    stage.post(`/v1/instruments/A-1/${what}`, { reason: "a rumour" }, bearer(who));

  describe("when a batch is not listed", () => {
    it("should be no instrument, and have no market", async () => {
      expect((await get()).code).toBe("not-found");
      const refused = await stage.define("A-1");
      expect([refused.status, refused.body.code]).toEqual([422, "instrument-unknown"]);
    });

    it("should refuse to list what no registry knows", async () => {
      const refused = await stage.post("/v1/instruments", { batch: "A-1", kind: "credit" }, bearer("registrar"));
      expect(refused.body.code).toBe("registry-batch-unknown");
      expect(stage.accepted).toEqual([]);
    });
  });

  describe("when it is listed and not defined", () => {
    beforeEach(() => stage.list("A-1"));

    it("should be shown without a market", async () => {
      expect(await get()).toMatchObject({ batch: "A-1", kind: "credit", market: null, isOpen: false, nextOpen: null });
      expect((await stage.get("/v1/instruments")).body.items).toHaveLength(1);
      expect(stage.instruments.rules.instrument("A-1")).toBeUndefined();
    });

    it("should not be halted", async () => expect((await halt("guardian")).body.code).toBe("instrument-unknown"));
  });

  describe("when it is defined", () => {
    beforeEach(async () => {
      await stage.list("A-1");
      expect((await stage.define("A-1")).status).toBe(200);
    });

    it("should be shown with its rules as they are now", async () => {
      expect(await get()).toMatchObject({
        market: {
          currency: "VND",
          tick: "100",
          bandBasisPoints: 1000,
          referencePrice: "136000",
          priceBand: { low: "122400", high: "149600" },
          calendar: "vietnam",
          state: "open",
          stateReason: null,
        },
        isOpen: true,
        nextOpen: "2026-06-29T02:00:00.000Z",
        nextClose: "2026-06-29T04:30:00.000Z",
        links: { self: "/v1/instruments/A-1", stream: "/v1/instruments/A-1/stream" },
      });
    });

    it("should be closed when its calendar says so", async () => {
      stage.clock.at = local("2026-06-29T11:30:00");
      expect(await get()).toMatchObject({ isOpen: false, nextOpen: "2026-06-29T06:00:00.000Z" });
    });

    it.each([
      ["a tick of nothing", { tick: "0" }],
      ["a fraction", { tick: "0.5" }],
      ["a number in place of a text", { tick: 100 }],
      ["a band of everything", { bandBasisPoints: 10_000 }],
      ["a price beyond 2^53", { referencePrice: "9007199254740992" }],
      ["a calendar that nobody knows", { calendar: "moon" }],
      ["a field that is none", { lot: "1" }],
    ])("should not be defined with %s", async (_, change) => {
      const refused = await stage.define("A-1", change);
      expect([refused.status, refused.body.code]).toEqual([400, "validation-failed"]);
    });

    it("should be defined by the operator, and halted by guardian or compliance officer only", async () => {
      for (const who of ["guardian", "registrar", "firm1"]) {
        const refused = await stage.post("/v1/instruments/A-1/definition", NEW_DEFINITION, bearer(who));
        expect(refused.status).toBe(403);
      }
      for (const who of ["operator", "registrar", "firm1"]) expect((await halt(who)).status).toBe(403);
      expect((await stage.post("/v1/instruments/A-1/halt", { reason: "x" })).status).toBe(401);
      expect((await halt("guardian")).status).toBe(200);
      expect((await halt("compliance", "resume")).status).toBe(200);
    });

    it("should take no order while it is halted, whatever the calendar says", async () => {
      expect((await halt("guardian")).body).toMatchObject({
        isOpen: false,
        market: { state: "halted", stateReason: "a rumour" },
      });
      expect(stage.instruments.rules.refusalOfTime("A-1", MORNING)?.code).toBe("market-halted");
      expect((await halt("compliance")).body.code).toBe("market-state-unchanged");
      await halt("compliance", "resume");
      expect(stage.instruments.rules.refusalOfTime("A-1", MORNING)).toBeUndefined();
    });

    it("should stay halted when it is defined anew, and after a start", async () => {
      await halt("guardian");
      await stage.define("A-1", { tick: "500", referencePrice: null });
      const again = await startMarketStage(database);
      expect((await again.get("/v1/instruments/A-1")).body.market).toMatchObject({
        state: "halted",
        tick: "500",
        referencePrice: "136000",
      });
      await again.close();
    });

    it("should tell everybody who decided what", async () => {
      await halt("guardian");
      const { items } = (await stage.get("/v1/instruments/A-1/decisions")).body;
      expect(items).toEqual([
        { kind: "halt", role: "guardian", account: null, body: { reason: "a rumour" }, at: "2026-06-29T02:00:00.000Z" },
        {
          kind: "definition",
          role: "exchange-operator",
          account: null,
          body: NEW_DEFINITION,
          at: "2026-06-29T02:00:00.000Z",
        },
      ]);
    });

    it("should make one decision after the other", async () => {
      const answers = await Promise.all([halt("guardian"), halt("compliance"), halt("guardian")]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
      expect((await stage.get("/v1/instruments/A-1/decisions")).body.items).toHaveLength(2);
    });

    describe("and trades came about", () => {
      const reference = async () => (await get()).market.referencePrice;
      const tell = (price: number, at: number) =>
        stage.tell("A-1", at, {
          type: "traded",
          trade: "0x1",
          taker: "0x2",
          maker: "0x3",
          aggressor: "buy",
          price,
          tonnes: 1,
          makerLeft: 0,
          mode: "book",
        });

      it("should take the last price of the day before as reference, whether told or stored", async () => {
        await stage.trade({ price: 137_000n, tonnes: 1n, at: MORNING + 1_000 });
        tell(137_000, MORNING + 1_000);
        stage.clock.at = MORNING + 2_000;
        expect(await reference()).toBe("136000");
        stage.clock.at = MORNING + DAY;
        expect(await reference()).toBe("137000");
        const again = await startMarketStage(database);
        again.clock.at = MORNING + DAY;
        expect((await again.get("/v1/instruments/A-1")).body.market.referencePrice).toBe("137000");
        await again.close();
      });

      it("should forget the price of a trade that failed", async () => {
        await stage.trade({ price: 137_000n, tonnes: 1n, at: MORNING + 1_000 });
        const id = await stage.trade({ price: 149_000n, tonnes: 1n, at: MORNING + 2_000, status: "failed" });
        tell(137_000, MORNING + 1_000);
        tell(149_000, MORNING + 2_000);
        stage.clock.at = MORNING + DAY;
        expect(await reference()).toBe("149000");
        stage.tellFate(tradeFate({ id, status: "failed", price: 149_000n }));
        await expect.poll(reference).toBe("137000");
      });
    });
  });

  it("should know a listing as soon as it is applied, and list in the order of codes", async () => {
    await stage.list("B-1");
    await stage.list("A-1");
    const { items } = (await stage.get("/v1/instruments?limit=1")).body;
    expect(items.map(({ batch }: { batch: string }) => batch)).toEqual(["A-1"]);
    expect(stage.instruments.all()).toEqual(["A-1", "B-1"]);
  });
});
