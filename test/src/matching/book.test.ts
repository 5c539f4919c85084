import { describe, expect, it } from "vitest";

import { createBook, restoreBook } from "../../../src/matching/book.js";
import {
  MAX_TONNES,
  type Book,
  type BookSnapshot,
  type Command,
  type MatchEvent,
  type PlaceCommand,
} from "../../../src/matching/types.js";

const ANNE = 1;
const BINH = 2;
const CHI = 3;

type Terms = Partial<PlaceCommand> & Pick<PlaceCommand, "id" | "price" | "tonnes">;
const buy = (terms: Terms): PlaceCommand => ({ kind: "place", type: "limit", side: "buy", owner: ANNE, ...terms });
const sell = (terms: Terms): PlaceCommand => ({ kind: "place", type: "limit", side: "sell", owner: BINH, ...terms });

function told(book: Book, ...commands: Command[]): MatchEvent[] {
  const events: MatchEvent[] = [];
  for (const command of commands) book.apply(command, (event) => events.push(event));
  return events;
}

/** The events in few words: "1 sells 10@100 to 2". */
function story(events: readonly MatchEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === "accepted") return `${event.id} accepted`;
    if (event.kind === "rejected") return `${event.id} rejected: ${event.reason}`;
    if (event.kind === "rested") return `${event.id} rests ${event.tonnes}@${event.price}`;
    if (event.kind === "cancelled") return `${event.id} cancelled ${event.tonnes}: ${event.reason}`;
    return `${event.taker} takes ${event.tonnes}@${event.price} of ${event.maker}, leaves ${event.makerLeft}`;
  });
}

function bookWith(...commands: Command[]): Book {
  const book = createBook();
  told(book, ...commands);
  return book;
}

describe("a limit order", () => {
  it("given nobody to trade with, should rest", () => {
    const book = createBook();
    expect(story(told(book, buy({ id: 1, price: 100, tonnes: 10 })))).toEqual(["1 accepted", "1 rests 10@100"]);
    expect(book.depth(5)).toEqual({ bids: [{ price: 100, tonnes: 10, orders: 1 }], asks: [] });
    expect(book.order(1)).toEqual({
      id: 1,
      board: "book",
      owner: ANNE,
      side: "buy",
      price: 100,
      tonnes: 10,
      minimumTonnes: 0,
    });
  });

  it("given resting orders within its limit, should take the best price first, then the earliest, and rest with what is left", () => {
    const book = bookWith(
      sell({ id: 1, price: 102, tonnes: 5 }),
      sell({ id: 2, price: 101, tonnes: 5 }),
      sell({ id: 3, price: 101, tonnes: 5 }),
      sell({ id: 4, price: 104, tonnes: 5 }),
    );
    expect(story(told(book, buy({ id: 5, price: 103, tonnes: 20 })))).toEqual([
      "5 accepted",
      "5 takes 5@101 of 2, leaves 0",
      "5 takes 5@101 of 3, leaves 0",
      "5 takes 5@102 of 1, leaves 0",
      "5 rests 5@103",
    ]);
    expect(book.depth(5)).toEqual({
      bids: [{ price: 103, tonnes: 5, orders: 1 }],
      asks: [{ price: 104, tonnes: 5, orders: 1 }],
    });
  });

  it("should leave a resting order that is taken in part in its place", () => {
    const book = bookWith(buy({ id: 1, price: 100, tonnes: 10 }), buy({ id: 2, price: 100, tonnes: 10 }));
    told(book, sell({ id: 3, price: 100, tonnes: 4 }));
    expect(story(told(book, sell({ id: 4, price: 90, tonnes: 10 })))).toEqual([
      "4 accepted",
      "4 takes 6@100 of 1, leaves 0",
      "4 takes 4@100 of 2, leaves 6",
    ]);
  });
});

describe("an order that does not rest", () => {
  const asks = [sell({ id: 1, price: 100, tonnes: 5 }), sell({ id: 2, price: 110, tonnes: 5 })];

  it("given immediate-or-cancel, should trade what it can and lose the rest", () => {
    const order = buy({ id: 3, price: 105, tonnes: 8, timeInForce: "ioc" });
    expect(story(told(bookWith(...asks), order))).toEqual([
      "3 accepted",
      "3 takes 5@100 of 1, leaves 0",
      "3 cancelled 3: immediate",
    ]);
  });

  it("given a market order, should stop at its protective limit", () => {
    const order = buy({ id: 3, type: "market", price: 109, tonnes: 8, timeInForce: "ioc" });
    expect(story(told(bookWith(...asks), order)).at(-1)).toBe("3 cancelled 3: immediate");
  });

  it("given fill-or-kill, should trade whole or not at all", () => {
    const book = bookWith(...asks);
    const order = buy({ id: 3, price: 109, tonnes: 8, timeInForce: "fok" });
    expect(story(told(book, order))).toEqual(["3 accepted", "3 cancelled 8: fill-or-kill"]);
    expect(story(told(book, { ...order, id: 4, price: 110 }))).toEqual([
      "4 accepted",
      "4 takes 5@100 of 1, leaves 0",
      "4 takes 3@110 of 2, leaves 2",
    ]);
  });
});

describe("a minimum", () => {
  const asks = [sell({ id: 1, price: 100, tonnes: 5 }), sell({ id: 2, price: 100, tonnes: 5 })];

  it("given enough at once, over several orders, should trade and rest with what is left", () => {
    const order = buy({ id: 3, price: 100, tonnes: 30, minimumTonnes: 10 });
    expect(story(told(bookWith(...asks), order)).at(-1)).toBe("3 rests 20@100");
  });

  it("given too little at once, should cancel the whole order and touch nobody", () => {
    const book = bookWith(...asks);
    const order = buy({ id: 3, price: 100, tonnes: 30, minimumTonnes: 11 });
    expect(story(told(book, order))).toEqual(["3 accepted", "3 cancelled 30: minimum-not-reached"]);
    expect(book.orderCount).toBe(2);
  });

  it("given own orders in the way, should count only what self-trade prevention lets it reach", () => {
    const orders = [
      sell({ id: 1, price: 100, tonnes: 5 }),
      sell({ id: 2, price: 100, tonnes: 50, owner: ANNE }),
      sell({ id: 3, price: 101, tonnes: 5 }),
    ];
    const order = buy({ id: 4, price: 101, tonnes: 10, timeInForce: "fok" });
    expect(story(told(bookWith(...orders), order)).at(-1)).toBe("4 cancelled 10: fill-or-kill");
    expect(story(told(bookWith(...orders), { ...order, selfTradePrevention: "cancel-resting" }))).toEqual([
      "4 accepted",
      "4 takes 5@100 of 1, leaves 0",
      "2 cancelled 50: self-trade",
      "4 takes 5@101 of 3, leaves 0",
    ]);
  });
});

describe("a post-only order", () => {
  it("given somebody within its limit, should be cancelled whole; one price further, it should rest", () => {
    const book = bookWith(sell({ id: 1, price: 100, tonnes: 5 }));
    expect(story(told(book, buy({ id: 2, price: 100, tonnes: 5, postOnly: true })))).toEqual([
      "2 accepted",
      "2 cancelled 5: post-only",
    ]);
    expect(story(told(book, buy({ id: 3, price: 99, tonnes: 5, postOnly: true })))).toEqual([
      "3 accepted",
      "3 rests 5@99",
    ]);
  });
});

describe("self-trade prevention", () => {
  const asks = [
    sell({ id: 1, price: 100, tonnes: 5 }),
    sell({ id: 2, price: 101, tonnes: 5, owner: ANNE }),
    sell({ id: 3, price: 102, tonnes: 5 }),
  ];
  const order = buy({ id: 4, price: 102, tonnes: 15 });

  it("given nothing else, should cancel the rest of the incoming order", () => {
    expect(story(told(bookWith(...asks), order))).toEqual([
      "4 accepted",
      "4 takes 5@100 of 1, leaves 0",
      "4 cancelled 10: self-trade",
    ]);
  });

  it("given cancel-resting, should cancel the resting order and go on", () => {
    expect(story(told(bookWith(...asks), { ...order, selfTradePrevention: "cancel-resting" }))).toEqual([
      "4 accepted",
      "4 takes 5@100 of 1, leaves 0",
      "2 cancelled 5: self-trade",
      "4 takes 5@102 of 3, leaves 0",
      "4 rests 5@102",
    ]);
  });

  it("given cancel-both, should cancel both", () => {
    const book = bookWith(...asks);
    expect(story(told(book, { ...order, selfTradePrevention: "cancel-both" })).slice(2)).toEqual([
      "2 cancelled 5: self-trade",
      "4 cancelled 10: self-trade",
    ]);
    expect(book.orderCount).toBe(1);
  });
});

describe("a cancellation", () => {
  it("should take one order off and hand the reason on", () => {
    const book = bookWith(buy({ id: 1, price: 100, tonnes: 5 }), buy({ id: 2, price: 100, tonnes: 7 }));
    expect(told(book, { kind: "cancel", id: 1, reason: "expired" })).toEqual([
      { kind: "cancelled", board: "book", id: 1, side: "buy", price: 100, tonnes: 5, reason: "expired" },
    ]);
    expect(book.level("buy", 100)).toEqual({ price: 100, tonnes: 7, orders: 1 });
  });

  it("given an order that is gone, or never was, should be rejected", () => {
    const book = bookWith(buy({ id: 1, price: 100, tonnes: 5 }), sell({ id: 2, price: 100, tonnes: 5 }));
    expect(story(told(book, { kind: "cancel", id: 1 }, { kind: "cancel", id: 9 }))).toEqual([
      "1 rejected: order-unknown",
      "9 rejected: order-unknown",
    ]);
  });

  it("given an owner, should take off all its orders: buys before sales, earlier before later, the board last", () => {
    const orders: Command[] = [
      sell({ id: 1, price: 120, tonnes: 1, owner: ANNE }),
      { kind: "offer", id: 2, owner: ANNE, side: "buy", price: 100, tonnes: 2 },
      buy({ id: 3, price: 90, tonnes: 3 }),
      buy({ id: 4, price: 95, tonnes: 4 }),
      buy({ id: 5, price: 95, tonnes: 5, owner: CHI }),
    ];
    const book = bookWith(...orders);
    expect(story(told(book, { kind: "cancel-owner", owner: ANNE, reason: "suspended" }))).toEqual([
      "3 cancelled 3: suspended",
      "4 cancelled 4: suspended",
      "1 cancelled 1: suspended",
      "2 cancelled 2: suspended",
    ]);
    expect(book.orderCount).toBe(1);
    expect(story(told(bookWith(...orders), { kind: "cancel-owner", owner: ANNE, side: "sell" }))).toEqual([
      "1 cancelled 1: requested",
    ]);
    expect(told(book, { kind: "cancel-owner", owner: 77 })).toEqual([]);
  });
});

describe("an order that cannot be", () => {
  const order = buy({ id: 5, price: 100, tonnes: 10 });
  const cases: [string, Partial<PlaceCommand>][] = [
    ["id-invalid", { id: 4 }],
    ["id-invalid", { id: 5.5 }],
    ["owner-invalid", { owner: -1 }],
    ["price-invalid", { price: 0 }],
    ["price-invalid", { price: 2 ** 53 }],
    ["tonnes-invalid", { tonnes: 0 }],
    ["tonnes-invalid", { tonnes: 0.5 }],
    ["tonnes-invalid", { tonnes: MAX_TONNES + 1 }],
    ["minimum-invalid", { minimumTonnes: 11 }],
    ["combination-invalid", { type: "market" }],
    ["combination-invalid", { type: "market", timeInForce: "day" }],
    ["combination-invalid", { postOnly: true, timeInForce: "ioc" }],
    ["combination-invalid", { postOnly: true, minimumTonnes: 1 }],
  ];
  for (const [reason, change] of cases) {
    it(`given ${JSON.stringify(change)}, should be rejected: ${reason}`, () => {
      const book = bookWith(buy({ id: 4, price: 100, tonnes: 1 }));
      expect(told(book, { ...order, ...change })).toEqual([{ kind: "rejected", id: change.id ?? 5, reason }]);
      expect(book.orderCount).toBe(1);
    });
  }

  it("should use up its id, so that a log that is replayed counts the same", () => {
    const book = createBook();
    told(book, { ...order, price: -1 });
    expect(story(told(book, order))).toEqual(["5 rejected: id-invalid"]);
    expect(book.snapshot()).toEqual({ version: 1, lastId: 5, orders: [] });
  });
});

describe("the largest numbers", () => {
  it("should add up exactly, and refuse what would not", () => {
    const book = createBook();
    const full = Number.MAX_SAFE_INTEGER - (Number.MAX_SAFE_INTEGER % MAX_TONNES);
    let id = 0;
    for (let tonnes = 0; tonnes < full; tonnes += MAX_TONNES) {
      id += 1;
      told(book, buy({ id, price: Number.MAX_SAFE_INTEGER, tonnes: MAX_TONNES }));
    }
    expect(book.level("buy", Number.MAX_SAFE_INTEGER)).toEqual({
      price: Number.MAX_SAFE_INTEGER,
      tonnes: full,
      orders: id,
    });
    const last = buy({ id: id + 1, price: Number.MAX_SAFE_INTEGER, tonnes: MAX_TONNES });
    expect(story(told(book, last)).at(-1)).toBe(`${id + 1} cancelled ${MAX_TONNES}: book-full`);
  });
});

describe("a snapshot", () => {
  it("given another version, should be refused", () => {
    const snapshot = { version: 2, lastId: 0, orders: [] } as unknown as BookSnapshot;
    expect(() => restoreBook(snapshot)).toThrow("version 2");
  });
});
