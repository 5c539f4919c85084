import { Argument } from "commander";

import type { Book } from "../client/market-types.js";
import { code, count } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { createTable, type Column } from "./table.js";

/** `carbon book`: what is on offer and in demand. */
export const registerBook: Register = (program, io) => {
  program
    .command("book")
    .description("the order book of a batch, as it is now")
    .addArgument(new Argument("<batch>", "its code").argParser(code))
    .option("--levels <number>", "prices on each side", count, 10)
    .addHelpText(
      "after",
      "\nExample:\n  carbon book VN-VCS-2557-2023-01\n  carbon watch VN-VCS-2557-2023-01      the same, live",
    )
    .action(async (batch: string, { levels }: { readonly levels: number }) => {
      const book = await clientOf(io).instruments.book(batch, levels);
      io.json(book);
      for (const line of bookLines(io, book)) io.out(line);
    });
};

/** Sales above, purchases below, the best ones in the middle. */
export function bookLines(io: Io, { bids, asks }: Pick<Book, "bids" | "asks">): string[] {
  type Level = { readonly side: string; readonly price: string; readonly tonnes: string; readonly orders: number };
  const table = createTable<Level>([
    { title: "", of: ({ side }) => side },
    { title: "price", of: ({ price }) => io.format.integer(price), right: true },
    { title: "tonnes", of: ({ tonnes }) => io.format.integer(tonnes), right: true },
    { title: "orders", of: ({ orders }) => io.format.integer(orders), right: true },
  ]);
  const sales = table.rows([...asks].reverse().map((level) => ({ side: "sell", ...level })));
  const purchases = table.rows(bids.map((level) => ({ side: "buy", ...level })));
  if (sales.length + purchases.length === 0) return ["The book is empty."];
  return [
    io.paint("bold", table.heading()),
    ...sales.map((line) => io.paint("bad", line)),
    ...purchases.map((line) => io.paint("good", line)),
  ];
}

/** `carbon trades`: what was traded. */
export const registerTrades: Register = (program, io) => {
  withPages(program.command("trades"))
    .description("trades of a batch, or your own, the latest first")
    .addArgument(new Argument("[batch]", "its code; your own trades when left out").argParser(code))
    .addHelpText("after", "\nExamples:\n  carbon trades VN-VCS-2557-2023-01\n  carbon trades")
    .action(async (batch: string | undefined, options: ListOptions) => {
      const client = clientOf(io);
      const shared = tradeColumns(io);
      if (batch === undefined) {
        return showList(io, options, {
          list: (page) => client.orders.trades(page),
          columns: [
            { title: "when", of: (one) => io.format.time(one.matchedAt) },
            { title: "side", of: (one) => one.side },
            { title: "batch", of: (one) => one.batch },
            ...shared,
            { title: "", of: (one) => one.problem?.code ?? "" },
          ],
        });
      }
      return showList(io, options, {
        list: (page) => client.instruments.trades(batch, page),
        columns: [{ title: "when", of: (one) => io.format.time(one.matchedAt) }, ...shared],
      });
    });
};

interface Traded {
  readonly tonnes: string;
  readonly price: string;
  readonly mode: string;
  readonly status: string;
}

function tradeColumns(io: Io): Column<Traded>[] {
  return [
    { title: "tonnes", of: ({ tonnes }) => io.format.integer(tonnes), right: true },
    { title: "price", of: ({ price }) => io.format.integer(price), right: true },
    { title: "by", of: ({ mode }) => mode },
    { title: "status", of: ({ status }) => status },
  ];
}
