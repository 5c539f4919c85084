import fc from "fast-check";
import { afterEach, beforeEach, expect, it, describe } from "vitest";

import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { local, MORNING, startMarketStage, type MarketStage } from "../../support/market-stage.js";

const MINUTE = 60_000;
const DAY = 86_400_000;
const at = (time: string): number => local(`2026-06-29T${time}`);

describeEachDatabase("market data from trades", (open) => {
  let database: TestDatabase;
  let stage: MarketStage;

  beforeEach(async () => {
    database = await open();
    stage = await startMarketStage(database);
    await stage.list("A-1");
    expect((await stage.define("A-1")).status).toBe(200);
  });
  afterEach(async () => {
    await stage.close();
    await database.close();
  });

  const candles = async (query: string) => (await stage.get(`/v1/instruments/A-1/candles?${query}`)).body;

  describe("candles", () => {
    it("should open with the first trade and close with the last, in the order of matching", async () => {
      await stage.trade({ price: 136_000n, tonnes: 5n, at: at("09:00:00") });
      await stage.trade({ price: 137_000n, tonnes: 2n, at: at("09:00:59.999") });
      await stage.trade({ price: 135_000n, tonnes: 1n, at: at("09:00:59.999") });
      await stage.trade({ price: 135_500n, tonnes: 3n, at: at("09:01:00"), status: "matched" });
      stage.clock.at = at("09:05:00");
      expect((await candles("interval=1m")).items).toEqual([
        {
          start: "2026-06-29T02:00:00.000Z",
          end: "2026-06-29T02:01:00.000Z",
          open: "136000",
          high: "137000",
          low: "135000",
          close: "135000",
          tonnes: "8",
          value: "1089000",
          trades: "3",
          isProvisional: false,
        },
        {
          start: "2026-06-29T02:01:00.000Z",
          end: "2026-06-29T02:02:00.000Z",
          open: "135500",
          high: "135500",
          low: "135500",
          close: "135500",
          tonnes: "3",
          value: "406500",
          trades: "1",
          isProvisional: true,
        },
      ]);
    });

    it("should forget a trade whose settlement failed", async () => {
      await stage.trade({ price: 136_000n, tonnes: 5n, at: at("09:00:00") });
      const id = await stage.trade({ price: 149_000n, tonnes: 5n, at: at("09:00:01"), status: "matched" });
      stage.clock.at = at("10:00:00");
      expect((await candles("interval=1h")).items[0]).toMatchObject({ high: "149000", tonnes: "10" });
      await stage.db.updateTable("trades").set({ status: "failed" }).where("id", "=", id).execute();
      expect((await candles("interval=1h")).items[0]).toMatchObject({ high: "136000", close: "136000", tonnes: "5" });
      expect((await stage.get("/v1/instruments/A-1/trades?status=failed")).body.items).toHaveLength(1);
    });

    it("should begin days at the local midnight", async () => {
      await stage.trade({ price: 1_000n, tonnes: 1n, at: local("2026-06-28T23:59:59.999") });
      await stage.trade({ price: 2_000n, tonnes: 1n, at: local("2026-06-29T00:00:00") });
      stage.clock.at = at("10:00:00");
      const { items } = await candles("interval=1d");
      expect(items.map(({ start }: { start: string }) => start)).toEqual([
        "2026-06-27T17:00:00.000Z",
        "2026-06-28T17:00:00.000Z",
      ]);
    });

    it("should give the intervals that hold both ends, and refuse too many", async () => {
      await stage.trade({ price: 1_000n, tonnes: 1n, at: at("09:14:59") });
      await stage.trade({ price: 2_000n, tonnes: 1n, at: at("09:30:00") });
      const range = (from: string, to: string) => `interval=15m&from=2026-06-29T${from}Z&to=2026-06-29T${to}Z`;
      expect((await candles(range("02:14:59", "02:29:59"))).items).toHaveLength(1);
      expect((await candles(range("02:14:59", "02:30:00"))).items).toHaveLength(2);
      expect((await candles(range("03:00:00", "02:00:00"))).code).toBe("range-invalid");
      expect((await candles("interval=1m&from=2020-01-01T00:00:00Z")).code).toBe("range-invalid");
      expect((await candles("interval=2m")).code).toBe("validation-failed");
    });

    it("should stay exact beyond 2^53", async () => {
      await stage.trade({ price: 9_007_199_254_740_991n, tonnes: 1_099_511_627_776n, at: MORNING });
      await stage.trade({ price: 9_007_199_254_740_989n, tonnes: 1_099_511_627_775n, at: MORNING });
      const value = 9_007_199_254_740_991n * 1_099_511_627_776n + 9_007_199_254_740_989n * 1_099_511_627_775n;
      expect((await candles("interval=1m")).items[0]).toMatchObject({
        value: value.toString(),
        open: "9007199254740991",
        close: "9007199254740989",
      });
    });

    it("should equal what a reader makes of the list of trades", async () => {
      const one = fc.record({
        minute: fc.nat(30),
        price: fc.bigInt({ min: 1n, max: 99n }),
        tonnes: fc.bigInt({ min: 1n, max: 99n }),
        status: fc.constantFrom<"matched" | "settled" | "failed">("matched", "settled", "failed"),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(one, { maxLength: 25 }),
          fc.constantFrom(["1m", 1] as const, ["5m", 5] as const),
          async (rows, [name, width]) => {
            await stage.db.deleteFrom("trades").execute();
            const ordered = rows.toSorted((a, b) => a.minute - b.minute);
            for (const { minute, ...row } of ordered) await stage.trade({ ...row, at: MORNING + minute * MINUTE });
            stage.clock.at = MORNING + 40 * MINUTE;
            const counted = ordered.filter(({ status }) => status !== "failed");
            const expected = [...Map.groupBy(counted, ({ minute }) => Math.floor(minute / width))].map(
              ([place, own]) => {
                const prices = own.map(({ price }) => price).toSorted((a, b) => (a < b ? -1 : 1));
                return {
                  start: new Date(MORNING + place * width * MINUTE).toISOString(),
                  end: new Date(MORNING + (place + 1) * width * MINUTE).toISOString(),
                  open: own[0]?.price.toString(),
                  high: prices.at(-1)?.toString(),
                  low: prices[0]?.toString(),
                  close: own.at(-1)?.price.toString(),
                  tonnes: own.reduce((sum, { tonnes }) => sum + tonnes, 0n).toString(),
                  value: own.reduce((sum, { tonnes, price }) => sum + tonnes * price, 0n).toString(),
                  trades: String(own.length),
                  isProvisional: own.some(({ status }) => status === "matched"),
                };
              },
            );
            expect((await candles(`interval=${name}`)).items).toEqual(expected);
          },
        ),
        { numRuns: 15 },
      );
    });
  });

  describe("days", () => {
    beforeEach(async () => {
      await stage.list("B-1");
      await stage.define("B-1", { referencePrice: null });
      await stage.trade({ price: 136_000n, tonnes: 300n, at: at("09:30:00"), mode: "deal" });
      await stage.trade({ price: 136_500n, tonnes: 100n, at: at("13:30:00"), mode: "put-through" });
      await stage.trade({ price: 99_000n, tonnes: 7n, at: at("13:31:00"), batch: "B-1" });
      await stage.trade({ price: 150_000n, tonnes: 9n, at: at("13:32:00"), status: "failed" });
    });

    it("should say how it was at close, by instrument and in total", async () => {
      stage.clock.at = at("14:45:00");
      const { body } = await stage.get("/v1/market/daily");
      expect(body.day).toBe("2026-06-29");
      expect(body.total).toEqual({ tonnes: "407", value: "55143000", trades: "3" });
      expect(body.items.map(({ batch }: { batch: string }) => batch)).toEqual(["A-1", "B-1"]);
      expect(body.items[0]).toEqual({
        batch: "A-1",
        day: "2026-06-29",
        currency: "VND",
        prices: { open: "136000", high: "136500", low: "136000", close: "136500" },
        reference: "136000",
        change: "500",
        tonnes: "400",
        value: "54450000",
        trades: "2",
        byMode: [
          { mode: "deal", tonnes: "300", value: "40800000", trades: "1" },
          { mode: "put-through", tonnes: "100", value: "13650000", trades: "1" },
        ],
        isFinal: true,
      });
      expect(body.items[1]).toMatchObject({ reference: null, change: null });
    });

    it("should not be final before the close, nor while a trade may still fail", async () => {
      stage.clock.at = at("14:44:59");
      expect((await stage.get("/v1/market/daily")).body.items[0].isFinal).toBe(false);
      stage.clock.at = at("14:45:00");
      await stage.trade({ price: 136_000n, tonnes: 1n, at: at("14:44:59"), status: "matched" });
      expect((await stage.get("/v1/market/daily")).body.items[0].isFinal).toBe(false);
    });

    it("should measure the change from the close before, and tell a fall", async () => {
      await stage.trade({ price: 130_000n, tonnes: 1n, at: at("09:30:00") + DAY });
      stage.clock.at = at("15:00:00") + DAY;
      const { items } = (await stage.get("/v1/instruments/A-1/daily")).body;
      expect(items.map(({ reference, change }: Record<string, string>) => [reference, change])).toEqual([
        ["136000", "500"],
        ["136500", "-6500"],
      ]);
    });

    it("should show a day without trades, with its reference", async () => {
      const { body } = await stage.get("/v1/market/daily?date=2026-06-30");
      expect(body.items[0]).toMatchObject({ prices: null, reference: "136500", change: null, tonnes: "0", byMode: [] });
      expect((await stage.get("/v1/instruments/A-1/daily?from=2026-06-30&to=2026-06-30")).body.items).toEqual([]);
    });

    it("should add up volumes over a range", async () => {
      const { body } = await stage.get("/v1/market/volume?from=2026-06-29&to=2026-06-30");
      expect(body.total).toEqual({ tonnes: "407", value: "55143000", trades: "3" });
      expect(body.items).toHaveLength(2);
      const own = await stage.get("/v1/market/volume?from=2026-06-29&to=2026-06-29&batch=B-1");
      expect(own.body.total).toEqual({ tonnes: "7", value: "693000", trades: "1" });
      const ranges = ["from=2026-06-30&to=2026-06-29", "from=2020-01-01&to=2026-01-01"];
      for (const range of ranges)
        expect((await stage.get(`/v1/market/volume?${range}`)).body.code).toBe("range-invalid");
    });
  });

  it("should list trades page by page, the latest first, without names", async () => {
    for (let i = 1n; i <= 5n; i++) await stage.trade({ price: i * 100n, tonnes: 2n, at: MORNING });
    const first = (await stage.get("/v1/instruments/A-1/trades?limit=3")).body;
    const second = (await stage.get(`/v1/instruments/A-1/trades?limit=3&cursor=${first.next}`)).body;
    expect([...first.items, ...second.items].map(({ price }: { price: string }) => price)).toEqual([
      "500",
      "400",
      "300",
      "200",
      "100",
    ]);
    expect(Object.keys(first.items[0])).not.toContain("buyer");
    expect(first.items[0]).toMatchObject({ value: "1000", status: "settled", aggressor: "buy" });
    expect(second.next).toBeNull();
  });

  it("should know nothing of a batch without a market", async () => {
    await stage.list("C-1");
    for (const path of ["trades", "candles?interval=1d", "daily", "book", "stream"]) {
      for (const batch of ["C-1", "NO-1"]) {
        const answer = await stage.get(`/v1/instruments/${batch}/${path}`);
        expect([answer.status, answer.body.code]).toEqual([404, "not-found"]);
      }
    }
  });
});
