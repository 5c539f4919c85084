import { Argument, Option, type Command } from "commander";

import { checkAuction } from "../client/auction-check.js";
import type { Auction, Bid } from "../client/auction-types.js";
import { judged, tellPlan, withDryRun } from "./acts.js";
import { addBids } from "./bids.js";
import { code, count, hash, moment, quantity, wholeNumber } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { sendOrder, settlementEnd } from "./order-signing.js";
import { withHolder, type HolderOptions } from "./signing.js";
import { createTable, fieldLines, printable, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
Everything that is offered is sold at one price, or nothing is. Bids are sealed until the close. What is offered, and what a bid may cost,
must lie on the exchange beforehand. Whoever bid can repeat the result: carbon auctions check.

Examples:
  carbon auctions list --status open
  carbon auctions announce VN-1-2024 5000 --reserve 120000 --opens 2026-12-01T02:00:00Z --closes 2026-12-01T04:00:00Z --dry-run
  carbon auctions bid 0x... 500 --price 136000
  carbon auctions bids 0x...
  carbon auctions check 0x...`;

/** `carbon auctions`: many units at one price. */
export const registerAuctions: Register = (program, io) => {
  const auctions = program
    .command("auctions")
    .description("offer and bid for units at one price")
    .addHelpText("after", HELP);
  addReads(auctions, io);
  addAnnouncement(auctions, io);
  addBids(auctions, io);
  addCheck(auctions, io);
  addEnds(auctions, io);
};

const which = (): Argument => new Argument("<auction>", "its hash").argParser(hash);

interface ListFilter extends ListOptions {
  readonly status?: "open" | "cleared" | "void" | "cancelled";
  readonly batch?: string;
  readonly seller?: number;
}

function addReads(auctions: Command, io: Io): void {
  withPages(auctions.command("list"))
    .description("auctions, the latest announcement first")
    .addOption(new Option("--status <status>", "only these").choices(["open", "cleared", "void", "cancelled"]))
    .option("--batch <code>", "only of this batch", code)
    .option("--seller <participant>", "only those of this participant", count)
    .action(async (options: ListFilter) => {
      const { status, batch, seller } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.auctions.list({
            ...page,
            ...(status === undefined ? {} : { status }),
            ...(batch === undefined ? {} : { batch }),
            ...(seller === undefined ? {} : { participantId: seller }),
          }),
        columns: [
          { title: "opens", of: (one) => io.format.time(one.opensAt) },
          { title: "closes", of: (one) => io.format.time(one.closesAt) },
          { title: "batch", of: (one) => one.batch },
          { title: "tonnes", of: (one) => io.format.integer(one.tonnes), right: true },
          { title: "reserve", of: (one) => io.format.integer(one.reservePrice), right: true },
          { title: "price", of: (one) => priceOf(io, one.clearingPrice), right: true },
          { title: "status", of: (one) => one.status },
          { title: "id", of: (one) => one.id },
        ],
      });
    });
  auctions
    .command("show")
    .description("an auction, as far as it is")
    .addArgument(which())
    .action(async (id: string) => tellAuction(io, await clientOf(io).auctions.get(id)));
}

function priceOf(io: Io, price: string | null): string {
  return price === null ? "" : io.format.integer(price);
}

interface Announcing extends HolderOptions {
  readonly reserve: bigint;
  readonly opens: string;
  readonly closes: string;
  readonly maximumFee?: bigint;
  readonly nonce?: bigint;
  readonly dryRun?: true;
}

function addAnnouncement(auctions: Command, io: Io): void {
  withHolder(withDryRun(auctions.command("announce")))
    .description("offer units: all of them, at one price, to the highest bids")
    .addArgument(new Argument("<batch>", "code of the batch").argParser(code))
    .addArgument(new Argument("<tonnes>", "how many").argParser(quantity))
    .requiredOption("--reserve <amount>", "the lowest price per tonne", quantity)
    .requiredOption("--opens <time>", "bids are taken from then on", moment)
    .requiredOption("--closes <time>", "bids are taken before then", moment)
    .option("--maximum-fee <basis-points>", "of the value", wholeNumber)
    .option("--nonce <number>", "of an earlier try, to ask for the same again", wholeNumber)
    .action(async (batch: string, tonnes: bigint, options: Announcing) => {
      const { reserve, opens: opensAt, closes: closesAt, maximumFee = 0n, nonce } = options;
      const wording = createWording(clientOf(io));
      const currency = await wording.currency();
      const fields: Field[] = [
        ["units", `${io.format.tonnes(tonnes)} of ${await wording.batch(batch)}, all or none`],
        ["price", `at least ${io.format.money(reserve, currency)} per tonne, the same for everybody`],
        ["fee", `at most ${Number(maximumFee) / 100} % of the value`],
        ["bids", `from ${io.format.time(opensAt)} until ${io.format.time(closesAt)}`],
      ];
      const terms = { batch, tonnes, maximumFeeBasisPoints: maximumFee };
      await sendOrder(io, options, {
        title: "Announce an auction",
        fields,
        input: { ...terms, side: "sell", limitPrice: reserve, expiresAt: settlementEnd(closesAt) },
        sendSigned: (client, { order, signature }) => client.auctions.announce({ order, signature, opensAt, closesAt }),
        managed: { ...terms, reservePrice: reserve, opensAt, closesAt, ...(nonce === undefined ? {} : { nonce }) },
        sendManaged: (client, body) => client.auctions.announce(body),
        look: `carbon auctions list --batch ${batch} says so.`,
        tell: (auction) => tellAuction(io, auction),
      });
    });
}

function tellAuction(io: Io, auction: Auction): void {
  io.json(auction);
  const { id, status, batch, tonnes, reservePrice, clearingPrice, seller, sellerParticipantId, voidReason } = auction;
  const style = status === "cleared" ? "good" : status === "void" || status === "cancelled" ? "bad" : "bold";
  io.out(`${io.paint(style, status)}  ${io.format.tonnes(tonnes)} of ${printable(batch)}`);
  const fields: Field[] = [
    ["auction", id],
    ["seller", `${seller}, participant ${sellerParticipantId}`],
    ["reserve price", io.format.integer(reservePrice)],
    ["price of all", clearingPrice === null ? null : io.format.integer(clearingPrice)],
    ["nothing was sold", voidReason],
    ["opens", io.format.time(auction.opensAt)],
    ["closes", io.format.time(auction.closesAt)],
    ["ended", auction.closedAt === null ? null : io.format.time(auction.closedAt)],
    ["seed commitment", auction.seedCommitment],
    ["seed", auction.seed],
  ];
  for (const line of fieldLines(fields)) io.out(line);
}

interface Checking {
  readonly commitment?: string;
  readonly bid: readonly string[];
}

function addCheck(auctions: Command, io: Io): void {
  auctions
    .command("check")
    .description("repeat an auction from its transcript: 0 its result is right, 1 it is not")
    .addArgument(which())
    .option("--commitment <hash>", "the seed commitment that you noted before the close", hash)
    .option("--bid <id>", "a bid that must have taken part; may be given several times", oneMore, [])
    .action(async (id: string, { commitment, bid }: Checking) => {
      const client = clientOf(io);
      const [auction, transcript] = [await client.auctions.get(id), await client.auctions.transcript(id)];
      const own = [...bid];
      if (io.key !== undefined) own.push(...(await ownBids(io, id)));
      const faults: string[] = checkAuction(transcript, commitment ?? auction.seedCommitment, own);
      if (transcript.auction !== id) faults.push("another-auction");
      io.json({ auction, transcript, ownBids: own, faults });
      const { bids, clearingPrice, voidReason, excluded } = transcript;
      const table = createTable<(typeof bids)[number]>([
        { title: "price", of: ({ price }) => io.format.integer(price), right: true },
        { title: "tonnes", of: ({ tonnes }) => io.format.integer(tonnes), right: true },
        { title: "won", of: ({ wonTonnes }) => io.format.integer(wonTonnes), right: true },
        { title: "", of: ({ digest }) => (own.includes(digest) ? "yours" : "") },
        { title: "bid", of: ({ digest }) => digest },
      ]);
      const rows = table.rows(bids);
      if (rows.length > 0) io.out(io.paint("bold", table.heading()));
      for (const row of rows) io.out(row);
      for (const { digest, reason } of excluded) io.out(`Left out: ${digest} (${printable(reason)})`);
      const price = clearingPrice === null ? "" : io.format.integer(clearingPrice);
      io.out(clearingPrice === null ? `Nothing was sold: ${voidReason ?? ""}.` : `All winners pay ${price} per tonne.`);
      if (faults.length === 0) {
        const noted = commitment === undefined ? "the service's own commitment" : "your commitment";
        io.out(io.paint("good", `The result is what these bids give, and the seed fits ${noted}.`));
        return;
      }
      for (const fault of faults) io.out(io.paint("bad", `Wrong: ${fault}`));
      io.exit(1);
    });
}

/** What was bid with this key and not taken back: it must be named in the transcript. */
async function ownBids(io: Io, auction: string): Promise<string[]> {
  const own: string[] = [];
  const isCounted = ({ status }: Bid): boolean => status !== "cancelled";
  try {
    for await (const bid of clientOf(io).auctions.bids(auction).all()) if (isCounted(bid)) own.push(bid.id);
  } catch {
    // Keys of institutions have no bids to look at; what anybody can check is checked all the same.
    return [];
  }
  return own;
}

function oneMore(text: string, before: readonly string[]): string[] {
  return [...before, hash(text)];
}

function addEnds(auctions: Command, io: Io): void {
  withDryRun(auctions.command("call-off"))
    .description("call an auction off: its seller before it opens, the exchange operator before it closes")
    .addArgument(which())
    .action(async (id: string, options: { readonly dryRun?: true }) => {
      await end(io, id, options, "Call an auction off", () => clientOf(io).auctions.cancel(id));
    });
  withDryRun(auctions.command("close"))
    .description("exchange operator: close an auction whose time has come, which it does by itself, too")
    .addArgument(which())
    .action(async (id: string, options: { readonly dryRun?: true }) => {
      await end(io, id, options, "Close an auction", () => clientOf(io).auctions.close(id));
    });
}

async function end(
  io: Io,
  id: string,
  { dryRun }: { readonly dryRun?: true },
  title: string,
  act: () => Promise<Auction>,
): Promise<void> {
  if (dryRun === true) {
    const { batch, tonnes, status } = await clientOf(io).auctions.get(id);
    tellPlan(
      io,
      title,
      [
        ["auction", id],
        ["of", `${io.format.tonnes(tonnes)} of ${batch}`],
        ["now", status],
      ],
      {},
    );
    return;
  }
  await judged(io, "The same command can be given again.", async () => tellAuction(io, await act()));
}
