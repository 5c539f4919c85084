import { OrderBook, Side, type IProcessOrder } from "nodejs-order-book";

import { createBook } from "../../src/matching/book.js";
import type { Emit } from "../../src/matching/types.js";
import { MIXED_FLOW, mixedFlow, steadyFlow, type FlowCommand } from "../../test/support/command-flow.js";
import { createNaiveBook } from "../../test/support/naive-book.js";
import type { Row } from "./table.js";

/** The engines take turns, so often and so long. In its turn an engine runs the whole flow again and again; its quickest run counts. */
const TURNS = 5;
const TURN_SECONDS = 1;
const GOAL = 10;
/** How much dearer a command may be among a thousand times as many orders: memory that is further away, nothing else. */
const FLAT = 2;
const FEW = 1_000;
const MANY = 1_000_000;
const STEADY_COMMANDS = 100_000;
/** The clock is read every so many commands: the median of the pieces does not know of interruptions. */
const PIECE = 500;

/** A trade as text, so that trades of different engines can be compared. */
type Tell = (taker: number, maker: number, price: number, tonnes: number) => void;

interface Engine {
  apply(command: FlowCommand): void;
}

const toTell =
  (tell: Tell): Emit =>
  (event) => {
    if (event.kind === "traded") tell(event.taker, event.maker, event.price, event.tonnes);
  };

function ours(tell: Tell): Engine {
  const book = createBook();
  const emit = toTell(tell);
  return { apply: (command) => book.apply(command, emit) };
}

function naive(tell: Tell): Engine {
  const book = createNaiveBook();
  const emit = toTell(tell);
  return { apply: (command) => book.apply(command, emit) };
}

function nodejsOrderBook(tell: Tell): Engine {
  const book = new OrderBook();
  const report = (taker: number, { done, partial, partialQuantityProcessed }: IProcessOrder) => {
    for (const maker of done) {
      if (maker.id !== String(taker) && "price" in maker) tell(taker, Number(maker.id), maker.price, maker.size);
    }
    if (partial !== null && partial.id !== String(taker)) {
      tell(taker, Number(partial.id), partial.price, partialQuantityProcessed);
    }
  };
  return {
    apply(command) {
      if (command.kind === "cancel") {
        book.cancel(String(command.id));
        return;
      }
      const side = command.side === "buy" ? Side.BUY : Side.SELL;
      const order = { id: String(command.id), side, size: command.tonnes };
      report(
        command.id,
        command.type === "market" ? book.market(order) : book.limit({ ...order, price: command.price }),
      );
    },
  };
}

/** @returns commands in a second of processor time, collecting garbage included, in the quickest run of this turn */
function takeTurn(create: (tell: Tell) => Engine, flow: readonly FlowCommand[]): number {
  let tonnes = 0;
  let quickest = 0;
  const turnBegan = performance.now();
  do {
    const engine = create((_taker, _maker, _price, traded) => (tonnes += traded));
    const began = process.cpuUsage();
    for (const command of flow) engine.apply(command);
    const { user, system } = process.cpuUsage(began);
    quickest = Math.max(quickest, (flow.length * 1_000_000) / (user + system));
  } while (performance.now() - turnBegan < TURN_SECONDS * 1_000);
  return quickest;
}

function tradesOf(create: (tell: Tell) => Engine, flow: readonly FlowCommand[]): string[] {
  const trades: string[] = [];
  const engine = create((...trade) => trades.push(trade.join(" ")));
  for (const command of flow) engine.apply(command);
  return trades;
}

/** @returns nanoseconds for one command among so many resting orders, the quicker of two books */
function steadyCost(resting: number): number {
  const { before, then } = steadyFlow(resting, STEADY_COMMANDS);
  const medians = [0, 1].map(() => {
    const engine = ours(() => undefined);
    for (const command of before) engine.apply(command);
    const pieces: number[] = [];
    for (let start = 0; start < then.length; start += PIECE) {
      const piece = then.slice(start, start + PIECE);
      const began = performance.now();
      for (const command of piece) engine.apply(command);
      pieces.push(performance.now() - began);
    }
    return pieces.sort((a, b) => a - b)[pieces.length >> 1] ?? 0;
  });
  return (Math.min(...medians) * 1_000_000) / PIECE;
}

/**
 * The matching core against `nodejs-order-book`, the quickest order book on npm that we found: the same flow, in one process, trades compared
 * with each other and with a naive book; and what a command costs among a thousand orders and among a million.
 */
export function matchingRows(): Row[] {
  const count = (number: number) => Math.round(number).toLocaleString("en");
  const flow = mixedFlow(MIXED_FLOW);
  let own = 0;
  let other = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    own = Math.max(own, takeTurn(ours, flow));
    other = Math.max(other, takeTurn(nodejsOrderBook, flow));
  }
  const trades = tradesOf(ours, flow);
  const expected = tradesOf(naive, flow).join("\n");
  const theirs = tradesOf(nodejsOrderBook, flow);
  const few = steadyCost(FEW);
  const many = steadyCost(MANY);
  return [
    {
      measure: `matching: ${count(flow.length)} limit, cancel and market commands, against nodejs-order-book`,
      ours: `${count(own)}/s`,
      limit: `≥ ${GOAL}`,
      holds: own >= GOAL * other,
      ratio: (own / other).toFixed(1),
      other: `${count(other)}/s`,
    },
    {
      measure: "the trades of that flow, against a naive book",
      ours: `${count(trades.length)} trades`,
      limit: "identical",
      holds: trades.join("\n") === expected,
      ratio: trades.join("\n") === expected ? "identical" : "different",
      other: `nodejs-order-book: ${theirs.join("\n") === expected ? "identical" : "different"}`,
    },
    {
      measure: `a command among ${count(MANY)} resting orders, against one among ${count(FEW)}`,
      ours: `${count(many)} ns`,
      limit: `≤ ${FLAT}`,
      holds: many <= FLAT * few,
      ratio: (many / few).toFixed(2),
      other: `${count(few)} ns`,
    },
  ];
}
