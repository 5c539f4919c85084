import { Argument } from "commander";

import type { BookLevel, MarketStreamEvent } from "../client/market-types.js";
import type { OwnStreamEvent } from "../client/order-types.js";
import { code, count } from "./arguments.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf } from "./lists.js";
import { bookLines } from "./market.js";

interface Options {
  readonly own?: true;
  readonly for?: number;
  readonly levels: number;
}

const HELP = `
With an API key, your own orders and fills are told, too. It goes on until Ctrl-C, or as long as --for says; a connection that is lost is
made again, and nothing is left out. With --json, each event is one line.

Examples:
  carbon watch VN-VCS-2557-2023-01
  carbon watch --own --json --for 60`;

/** `carbon watch`: the market, live. */
export const registerWatch: Register = (program, io) => {
  program
    .command("watch")
    .description("the order book of a batch, and your own orders, live")
    .addArgument(new Argument("[batch]", "its code").argParser(code))
    .option("--own", "only your own orders and fills")
    .option("--for <seconds>", "how long", count)
    .option("--levels <number>", "prices on each side", count, 5)
    .addHelpText("after", HELP)
    .action(async (batch: string | undefined, options: Options) => watch(io, batch, options));
};

async function watch(io: Io, batch: string | undefined, options: Options): Promise<void> {
  if (batch === undefined && options.own !== true) throw new CliError("Which batch? Or --own.");
  if (options.own === true && io.key === undefined) throw new CliError("Your own orders need an API key.");
  const end = options.for === undefined ? [] : [AbortSignal.timeout(options.for * 1000)];
  const failed = new AbortController();
  const signal = AbortSignal.any([io.interrupted(), failed.signal, ...end]);
  const client = clientOf(io);
  const followers: Promise<void>[] = [];
  io.note(`Watching ${batch ?? "your orders"}; Ctrl-C ends it.`);
  if (batch !== undefined && options.own !== true) {
    followers.push(tellMarket(io, client.instruments.stream(batch, { signal }), options.levels));
  }
  if (io.key !== undefined) followers.push(tellOwn(io, client.orders.stream({ signal }), batch));
  try {
    await Promise.all(followers);
  } finally {
    // When one stream is refused, the other one has no end of its own.
    failed.abort();
  }
}

async function tellMarket(io: Io, events: AsyncIterable<MarketStreamEvent>, levels: number): Promise<void> {
  const book = createBook();
  for await (const event of events) {
    io.jsonLine({ stream: "market", event: event.event, ...event.data });
    switch (event.event) {
      case "snapshot":
        book.set(event.data.bids, event.data.asks);
        for (const line of bookLines(io, book.top(levels))) io.out(line);
        break;
      case "trade":
        for (const { tonnes, price, mode } of event.data.trades) {
          const what = `trade  ${io.format.tonnes(tonnes)} at ${io.format.integer(price)} (${mode})`;
          io.out(`${io.format.clock(event.data.at)}  ${io.paint("bold", what)}`);
        }
        book.change(event.data.levels);
        io.out(`${io.format.clock(event.data.at)}  ${quoteOf(io, book)}`);
        break;
      case "delta":
        book.change(event.data.levels);
        io.out(`${io.format.clock(event.data.at)}  ${quoteOf(io, book)}`);
        break;
      case "state":
        io.out(
          `${io.format.clock(event.data.at)}  the market is ${event.data.state} ${event.data.reason ?? ""}`.trimEnd(),
        );
        break;
      case "settlement":
        io.out(`          ${event.data.status}  trade ${event.data.trade}`);
    }
  }
}

async function tellOwn(io: Io, events: AsyncIterable<OwnStreamEvent>, batch: string | undefined): Promise<void> {
  for await (const { event, data } of events) {
    if (event === "ready") continue;
    const about = event === "settlement" ? data.batch : data.order.batch;
    if (batch !== undefined && about !== batch) continue;
    io.jsonLine({ stream: "own", event, ...data });
    if (event === "settlement") {
      const { side, tonnes, price, status } = data;
      const style = status === "failed" ? "bad" : "good";
      const what = `own ${status}  ${side} ${io.format.tonnes(tonnes)} of ${about} at ${io.format.integer(price)}`;
      io.out(`          ${io.paint(style, what)}`);
      continue;
    }
    const { side, tonnes, filledTonnes, price, status, reason } = data.order;
    const at = io.format.clock(data.at);
    if (event === "fill") {
      const what = `own fill  ${side} ${io.format.tonnes(data.fill.tonnes)} of ${about} at ${io.format.integer(data.fill.price)}`;
      io.out(`${at}  ${io.paint("good", what)}`);
    } else {
      const far = `${io.format.integer(filledTonnes)} of ${io.format.tonnes(tonnes)} filled`;
      const why = reason === null ? "" : `, ${reason}`;
      io.out(`${at}  own order  ${side} ${about} at ${io.format.integer(price)}: ${status}, ${far}${why}`);
    }
  }
}

type Levels = Map<string, BookLevel>;

/** A copy of the book, kept by what the stream tells. */
function createBook() {
  const bids: Levels = new Map<string, BookLevel>();
  const asks: Levels = new Map<string, BookLevel>();
  const sorted = (levels: Levels): BookLevel[] =>
    [...levels.values()].sort((a, b) => (BigInt(a.price) < BigInt(b.price) ? -1 : 1));
  const put = (levels: Levels, level: BookLevel): void => {
    if (level.tonnes === "0") levels.delete(level.price);
    else levels.set(level.price, level);
  };
  return {
    set(newBids: readonly BookLevel[], newAsks: readonly BookLevel[]): void {
      bids.clear();
      asks.clear();
      for (const level of newBids) put(bids, level);
      for (const level of newAsks) put(asks, level);
    },
    change(levels: readonly (BookLevel & { readonly side: "buy" | "sell" })[]): void {
      for (const { side, ...level } of levels) put(side === "buy" ? bids : asks, level);
    },
    /** The best prices first. */
    top: (count: number) => ({ bids: sorted(bids).reverse().slice(0, count), asks: sorted(asks).slice(0, count) }),
  };
}

function quoteOf(io: Io, book: ReturnType<typeof createBook>): string {
  const { bids, asks } = book.top(1);
  const text = (level: BookLevel | undefined): string =>
    level === undefined ? "-" : `${io.format.tonnes(level.tonnes)} at ${io.format.integer(level.price)}`;
  return `buy ${text(bids[0])}  |  sell ${text(asks[0])}`;
}
