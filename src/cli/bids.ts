import { Argument, type Command } from "commander";

import type { Bid } from "../client/auction-types.js";
import { judged, tellPlan, withDryRun } from "./acts.js";
import { hash, quantity, wholeNumber } from "./arguments.js";
import type { Io } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { sendOrder, settlementEnd } from "./order-signing.js";
import { withHolder, type HolderOptions } from "./signing.js";
import { fieldLines, type Field } from "./table.js";
import { createWording } from "./wording.js";

const which = (): Argument => new Argument("<auction>", "its hash").argParser(hash);

interface Bidding extends HolderOptions {
  readonly price: bigint;
  readonly maximumFee?: bigint;
  readonly nonce?: bigint;
  readonly dryRun?: true;
}

/** `carbon auctions bid | bids | withdraw-bid`. */
export function addBids(auctions: Command, io: Io): void {
  withHolder(withDryRun(auctions.command("bid")))
    .description("bid, sealed until the close")
    .addArgument(which())
    .addArgument(new Argument("<tonnes>", "how many at most").argParser(quantity))
    .requiredOption("--price <amount>", "highest price per tonne", quantity)
    .option("--maximum-fee <basis-points>", "of the value", wholeNumber)
    .option("--nonce <number>", "of an earlier try, to ask for the same again", wholeNumber)
    .action(async (id: string, tonnes: bigint, options: Bidding) => bid(io, id, tonnes, options));
  withPages(auctions.command("bids"))
    .description("your bids in an auction")
    .addArgument(which())
    .action(async (id: string, options: ListOptions) => {
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) => client.auctions.bids(id).list(page),
        columns: [
          { title: "bid at", of: (one) => io.format.time(one.createdAt) },
          { title: "tonnes", of: (one) => io.format.integer(one.tonnes), right: true },
          { title: "price", of: (one) => io.format.integer(one.price), right: true },
          { title: "won", of: (one) => io.format.integer(one.allottedTonnes), right: true },
          { title: "status", of: (one) => one.status },
          { title: "id", of: (one) => one.id },
        ],
      });
    });
  withDryRun(auctions.command("withdraw-bid"))
    .description("take a bid back before the close")
    .addArgument(which())
    .addArgument(new Argument("<bid>", "its hash").argParser(hash))
    .action(async (id: string, bidId: string, { dryRun }: { readonly dryRun?: true }) => {
      const client = clientOf(io);
      if (dryRun === true) {
        const { tonnes, price } = await client.auctions.bids(id).get(bidId);
        const what = `${io.format.tonnes(tonnes)} at ${io.format.integer(price)} per tonne`;
        tellPlan(
          io,
          "Take a bid back",
          [
            ["auction", id],
            ["bid", bidId],
            ["of", what],
          ],
          {},
        );
        return;
      }
      await judged(io, "The same command can be given again.", async () =>
        tellBid(io, await client.auctions.cancelBid(id, bidId)),
      );
    });
}

async function bid(io: Io, id: string, tonnes: bigint, options: Bidding): Promise<void> {
  const { price, maximumFee = 0n, nonce } = options;
  const client = clientOf(io);
  const { batch, closesAt, reservePrice } = await client.auctions.get(id);
  const wording = createWording(client);
  const currency = await wording.currency();
  const total = io.format.money(price * tonnes, currency);
  const fields: Field[] = [
    ["auction", id],
    ["units", `at most ${io.format.tonnes(tonnes)} of ${await wording.batch(batch)}`],
    ["price", `at most ${io.format.money(price, currency)} per tonne, at most ${total} together`],
    ["reserve price", io.format.money(reservePrice, currency)],
    ["fee", `at most ${Number(maximumFee) / 100} % of the value`],
    ["opened at the close", io.format.time(closesAt)],
  ];
  await sendOrder(io, options, {
    title: "Bid in an auction",
    fields,
    input: {
      ...{ batch, tonnes, side: "buy", limitPrice: price, maximumFeeBasisPoints: maximumFee },
      expiresAt: settlementEnd(closesAt),
    },
    sendSigned: (to, { order, signature }) => to.auctions.bid(id, { order, signature }),
    managed: { tonnes, price, maximumFeeBasisPoints: maximumFee, ...(nonce === undefined ? {} : { nonce }) },
    sendManaged: (to, body) => to.auctions.bid(id, body),
    look: `carbon auctions bids ${id} says so.`,
    tell: (made) => tellBid(io, made),
  });
}

function tellBid(io: Io, bid: Bid): void {
  io.json(bid);
  const { id, auction, status, tonnes, price, allottedTonnes } = bid;
  const style = status === "won" ? "good" : status === "cancelled" || status === "lost" ? "bad" : "bold";
  io.out(`${io.paint(style, status)}  ${io.format.tonnes(tonnes)} at ${io.format.integer(price)} per tonne`);
  const fields: Field[] = [
    ["bid", id],
    ["auction", auction],
    ["won", allottedTonnes === "0" ? null : io.format.tonnes(allottedTonnes)],
  ];
  for (const line of fieldLines(fields)) io.out(line);
}
