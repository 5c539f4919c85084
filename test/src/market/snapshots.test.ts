import { afterEach, beforeEach, expect, it } from "vitest";

import type { AcceptedOrder, MarketCommand } from "../../../src/market/commands.js";
import { createEffectsWriter } from "../../../src/market/effects.js";
import { MarketEngine, type Effects } from "../../../src/market/engine.js";
import { appendGroup, appliedSeq, readLog, restoreEngine } from "../../../src/market/log.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { RecordingLogger } from "../../support/recording-logger.js";
import { seededChoice } from "../../support/random.js";

const GROUPS = 120;
const START = Date.UTC(2026, 6, 1, 3);
const LAST_SNAPSHOT = 300;
const NOT_OPEN = 1_000_000;

/** All that can be seen of what a command did. */
function told({ seq, changed, trades, updates, placed, rejection }: Effects) {
  return {
    seq,
    changed: [...changed].map(({ order, number, filledTonnes, status, reason, createdAt, updatedAt }) => {
      return [order.hash, number, filledTonnes, status, reason, createdAt, updatedAt];
    }),
    trades: trades.map(({ taker: _taker, maker: _maker, ...trade }) => trade),
    updates,
    placed: placed?.order ?? null,
    rejection,
  };
}

describeEachDatabase("the markets after a start", (open) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  const random = seededChoice(1_963);
  let made = 0;

  function order(changes: Partial<AcceptedOrder> = {}): AcceptedOrder {
    made += 1;
    const firm = 1 + random(4);
    return {
      hash: `0x${made.toString(16).padStart(64, "0")}`,
      account: `0x${String(firm).repeat(40)}`,
      participantId: firm,
      batch: random(4) === 0 ? "B-2" : "B-1",
      side: random(2) === 0 ? "buy" : "sell",
      type: "limit",
      tonnes: 1 + random(9),
      minimumTonnes: 0,
      price: 98 + random(5),
      maximumFee: 10,
      nonce: made,
      expiresAt: 2_000_000_000,
      timeInForce: "gtc",
      postOnly: random(12) === 0,
      selfTrade: "cancel-incoming",
      mode: "book",
      signature: `0x${"5".repeat(130)}`,
      leavesAt: 1_999_999_940,
      selects: null,
      session: random(9) === 0 ? "session" : null,
      ...changes,
    };
  }

  function command(engine: MarketEngine): MarketCommand {
    const records = [...engine.records()];
    const any = records[random(records.length || 1)];
    const { number, filledTonnes } = any ?? { number: NOT_OPEN, filledTonnes: 0 };
    const firm = records.find((record) => record.order.mode === "put-through");
    switch (random(12)) {
      case 0:
        return { kind: "cancel", number, reason: "cancelled" };
      case 1:
        return { kind: "replace", number, filledTonnes, order: order() };
      case 2:
        return { kind: "order", order: order({ mode: "put-through", price: 100, minimumTonnes: 1 }) };
      case 3: {
        if (firm === undefined) return { kind: "order", order: order() };
        const { batch, side, price } = firm.order;
        const other = side === "buy" ? "sell" : "buy";
        return {
          kind: "order",
          order: order({ mode: "put-through", selects: firm.number, batch, price, side: other, tonnes: 1 }),
        };
      }
      case 4:
        if (random(10) > 0) return { kind: "order", order: order() };
        return { kind: "cancel-all", filter: { participantId: 1 + random(4) }, reason: "mass-cancelled" };
      default:
        return { kind: "order", order: order() };
    }
  }

  it("should go on from the last snapshot as if there had been no start", async () => {
    const { db } = database;
    const engine = new MarketEngine();
    const effects: Effects[] = [];
    const seen = new Map<number, ReturnType<typeof told>>();
    let snapshotAt = 0;
    const writer = createEffectsWriter({
      db,
      logger: new RecordingLogger(),
      writeTrades: async () => undefined,
      onTrades: () => undefined,
      snapshot(seq) {
        if (seq !== engine.seq || seq - snapshotAt < 100 || seq > LAST_SNAPSHOT) return undefined;
        snapshotAt = seq;
        return engine.state();
      },
    });

    for (let group = 0; group < GROUPS; group++) {
      const at = START + group * 1_000;
      const first = engine.seq + 1;
      const commands: MarketCommand[] = [];
      for (let count = 1 + random(6); count > 0; count--) {
        const next = command(engine);
        const effect = engine.apply(engine.seq + 1, at, next);
        commands.push(next);
        effects.push(effect);
        seen.set(effect.seq, told(effect));
        writer.add(effect);
      }
      await appendGroup(db, { first, at, commands });
      if (random(3) === 0) await writer.flushed();
    }
    await writer.flushed();
    await writer.stop();
    expect(await appliedSeq(db)).toBe(engine.seq);
    const trades = effects.flatMap((effect) => effect.trades);
    expect(new Set(trades.map(({ mode }) => mode))).toEqual(new Set(["book", "put-through"]));

    const restored = await restoreEngine(db);
    expect(restored.seq).toBe(snapshotAt);
    expect(engine.seq - restored.seq).toBeGreaterThan(10);
    expect(restored.openOrders).toBeGreaterThan(10);
    for await (const { first, at, commands } of readLog(db, restored.seq)) {
      for (const [place, next] of commands.entries()) {
        const effect = restored.apply(first + place, at, next);
        expect(told(effect)).toEqual(seen.get(effect.seq));
      }
    }
    expect(restored.state()).toEqual(engine.state());
    for (const { order: kept, number, filledTonnes, createdAt } of engine.records())
      expect(restored.open(number)).toMatchObject({ order: kept, filledTonnes, createdAt });
  });
});
