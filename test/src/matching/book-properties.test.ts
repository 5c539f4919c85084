import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createBook, restoreBook } from "../../../src/matching/book.js";
import type {
  Book,
  BookSnapshot,
  Command,
  MatchEvent,
  PlaceCommand,
  StandingOrder,
  TradedEvent,
} from "../../../src/matching/types.js";
import { commandsArbitrary } from "../../support/arbitrary-commands.js";
import { MIXED_FLOW, mixedFlow } from "../../support/command-flow.js";
import { createNaiveBook } from "../../support/naive-book.js";

interface Step {
  readonly command: Command;
  readonly before: BookSnapshot;
  readonly events: readonly MatchEvent[];
  readonly after: BookSnapshot;
}

function eventsOf(book: Pick<Book, "apply">, command: Command): MatchEvent[] {
  const events: MatchEvent[] = [];
  book.apply(command, (event) => events.push(event));
  return events;
}

function run(commands: readonly Command[]): Step[] {
  const book = createBook(1);
  return commands.map((command) => {
    const before = book.snapshot();
    const events = eventsOf(book, command);
    return { command, before, events, after: book.snapshot() };
  });
}

/** Runs the commands and looks at every step. */
function everyStep(look: (step: Step) => void, numRuns = 150): void {
  fc.assert(
    fc.property(commandsArbitrary, (commands) => {
      for (const step of run(commands)) look(step);
    }),
    { numRuns },
  );
}

const trades = (events: readonly MatchEvent[]): TradedEvent[] => events.filter((event) => event.kind === "traded");
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const reaches = ({ side, price }: PlaceCommand, other: number): boolean =>
  side === "buy" ? other <= price : other >= price;

function byPriority(a: StandingOrder, b: StandingOrder): number {
  const better = a.side === "buy" ? b.price - a.price : a.price - b.price;
  return better === 0 ? a.id - b.id : better;
}

describe("the book, whatever it is told", () => {
  it("should do what the naive book does, event for event", () => {
    fc.assert(
      fc.property(commandsArbitrary, (commands) => {
        const book = createBook(1);
        const naive = createNaiveBook();
        for (const command of commands) expect(eventsOf(book, command)).toEqual(eventsOf(naive, command));
        expect(book.snapshot().orders).toEqual(naive.orders());
        expect(book.orderCount).toBe(naive.orders().length);
      }),
      { numRuns: 400 },
    );
  });

  it("should do what the naive book does in a long flow with thousands of orders", () => {
    const book = createBook();
    const naive = createNaiveBook();
    const ours: MatchEvent[] = [];
    const theirs: MatchEvent[] = [];
    for (const command of mixedFlow({ ...MIXED_FLOW, count: 20_000, limits: 60, cancels: 30, spread: 400 })) {
      book.apply(command, (event) => ours.push(event));
      naive.apply(command, (event) => theirs.push(event));
    }
    expect(ours).toEqual(theirs);
    expect(book.orderCount).toBeGreaterThan(1_000);
  });

  it("should go on from a snapshot, taken anywhere and written as JSON, as if nothing had been", () => {
    fc.assert(
      fc.property(commandsArbitrary, fc.nat({ max: 120 }), (commands, at) => {
        const book = createBook();
        for (const command of commands.slice(0, at)) eventsOf(book, command);
        const restored = restoreBook(JSON.parse(JSON.stringify(book.snapshot())) as BookSnapshot);
        for (const command of commands.slice(at)) {
          expect(eventsOf(restored, command)).toEqual(eventsOf(book, command));
        }
        expect(restored.snapshot()).toEqual(book.snapshot());
        expect(restored.depth(100)).toEqual(book.depth(100));
      }),
      { numRuns: 200 },
    );
  });

  it("should keep every tonne of every order either traded, cancelled or standing", () => {
    fc.assert(
      fc.property(commandsArbitrary, (commands) => {
        const left = new Map<number, number>();
        const take = (id: number, tonnes: number) => left.set(id, (left.get(id) ?? 0) - tonnes);
        const steps = run(commands);
        for (const { command, events } of steps) {
          for (const event of events) {
            if (event.kind === "accepted" && "tonnes" in command) left.set(event.id, command.tonnes);
            if (event.kind === "cancelled") take(event.id, event.tonnes);
            if (event.kind === "traded") {
              take(event.taker, event.tonnes);
              take(event.maker, event.tonnes);
              expect(left.get(event.maker)).toBe(event.makerLeft);
            }
          }
        }
        const standing = steps.at(-1)?.after.orders ?? [];
        for (const { id, tonnes } of standing) take(id, tonnes);
        expect([...left.values()].filter((tonnes) => tonnes !== 0)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("should never be crossed after a command", () => {
    fc.assert(
      fc.property(commandsArbitrary, (commands) => {
        const book = createBook();
        for (const command of commands) {
          eventsOf(book, command);
          const { bids, asks } = book.depth(1);
          expect(bids[0]?.price ?? 0).toBeLessThan(asks[0]?.price ?? Infinity);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("should trade in the order of price, then time, at the resting orders' prices, and pass over nobody", () => {
    everyStep(({ command, before, events }) => {
      if (command.kind !== "place") return;
      const queue = before.orders
        .filter(({ board, side }) => board === "book" && side !== command.side)
        .filter(({ owner }) => owner !== command.owner)
        .sort(byPriority);
      const made = trades(events);
      expect(made.map(({ maker, price }) => ({ maker, price }))).toEqual(
        queue.slice(0, made.length).map(({ id, price }) => ({ maker: id, price })),
      );
      // Everybody but the last was taken whole.
      expect(made.slice(0, -1).filter(({ makerLeft }) => makerLeft > 0)).toEqual([]);
    });
  });

  it("should never trade beyond a limit", () => {
    everyStep(({ command, events }) => {
      if (command.kind !== "place" && command.kind !== "select") return;
      for (const { price } of trades(events)) {
        if (command.side === "buy") expect(price).toBeLessThanOrEqual(command.price);
        else expect(price).toBeGreaterThanOrEqual(command.price);
      }
    });
  });

  it("should never let an owner trade with itself", () => {
    everyStep(({ command, before, events }) => {
      const owners = new Map(before.orders.map(({ id, owner }) => [id, owner]));
      for (const { maker } of trades(events)) {
        expect("owner" in command && owners.get(maker) !== command.owner).toBe(true);
      }
    });
  });

  it("should honour the conditions of an order", () => {
    everyStep(({ command, before, events, after }) => {
      if (command.kind !== "place" || events[0]?.kind !== "accepted") return;
      const traded = sum(trades(events).map(({ tonnes }) => tonnes));
      const rests = after.orders.some(({ id }) => id === command.id);
      if (command.timeInForce === "fok") expect([0, command.tonnes]).toContain(traded);
      if (command.timeInForce === "ioc" || command.timeInForce === "fok") expect(rests).toBe(false);
      if (traded > 0 || rests) expect(traded).toBeGreaterThanOrEqual(command.minimumTonnes ?? 0);
      if (command.postOnly !== true) return;
      expect(traded).toBe(0);
      const others = before.orders.filter(({ board, side }) => board === "book" && side !== command.side);
      expect(rests).toBe(!others.some(({ price }) => reaches(command, price)));
    });
  });

  it("should refuse a minimum only if what could be reached would not have met it", () => {
    everyStep(({ command, before, events }) => {
      const refused = events.some(
        (event) => event.kind === "cancelled" && /^(minimum-not-reached|fill-or-kill)$/.test(event.reason),
      );
      if (command.kind !== "place" || !refused) return;
      const twin = restoreBook(before);
      const without: PlaceCommand = { ...command, minimumTonnes: 0, timeInForce: "ioc" };
      const reachable = sum(trades(eventsOf(twin, without)).map(({ tonnes }) => tonnes));
      const needed = command.timeInForce === "fok" ? command.tonnes : (command.minimumTonnes ?? 0);
      expect(reachable).toBeLessThan(needed);
    });
  });

  it("should change nothing when it rejects, except that the id is used up", () => {
    everyStep(({ before, events, after }) => {
      if (events[0]?.kind !== "rejected") return;
      expect(events).toHaveLength(1);
      expect(after.orders).toEqual(before.orders);
    });
  });

  it("should show in its depth what its orders add up to", () => {
    everyStep(({ after }) => {
      const depth = restoreBook(after).depth(100);
      for (const [side, levels] of [["buy", depth.bids] as const, ["sell", depth.asks] as const]) {
        const standing = after.orders.filter((order) => order.board === "book" && order.side === side).sort(byPriority);
        const prices = [...new Set(standing.map(({ price }) => price))];
        expect(levels).toEqual(
          prices.map((price) => {
            const here = standing.filter((order) => order.price === price);
            return { price, tonnes: sum(here.map(({ tonnes }) => tonnes)), orders: here.length };
          }),
        );
      }
    }, 60);
  });
});
