import { Argument, Option, type Command } from "commander";

import type { DealStatus, ReportedDeal } from "../client/deal-types.js";
import { judged, tellPlan, withDryRun } from "./acts.js";
import { address, code, hash, moment, duration, quantity, wholeNumber } from "./arguments.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { holderOf, randomNonce, tellBefore, withHolder, type HolderOptions } from "./signing.js";
import { fieldLines, printable, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
A deal was agreed elsewhere: one side reports it with its signature, the other confirms it with its own. It settles units against money.

Examples:
  carbon deals report sell VN-1-2024 2000 --price 135500 --with 0x49d1cCB5139c1ae4dA9Cf47AfdDc4aB170F01024 --dry-run
  carbon deals list --status reported
  carbon deals confirm 0x...`;
const ONCE = "The same command cannot do it twice.";

/** `carbon deals`: put-through trades that were agreed elsewhere. */
export const registerDeals: Register = (program, io) => {
  const deals = program.command("deals").description("trades that were agreed elsewhere").addHelpText("after", HELP);
  addReads(deals, io);
  addReport(deals, io);
  addAnswers(deals, io);
};

const STATUSES: readonly DealStatus[] = ["reported", "confirmed", "settled", "failed", "cancelled", "expired"];

const which = (): Argument => new Argument("<id>", "its hash").argParser(hash);

function addReads(deals: Command, io: Io): void {
  withPages(deals.command("list"))
    .description("deals of yours, the latest first")
    .addOption(new Option("--status <status>", "only these").choices(STATUSES))
    .option("--batch <code>", "only in this batch", code)
    .action(async (options: ListOptions & { readonly status?: DealStatus; readonly batch?: string }) => {
      const { status, batch } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.deals.list({
            ...page,
            ...(status === undefined ? {} : { status }),
            ...(batch === undefined ? {} : { batch }),
          }),
        columns: [
          { title: "reported", of: (one) => io.format.time(one.createdAt) },
          { title: "batch", of: (one) => one.deal.batch },
          { title: "tonnes", of: (one) => io.format.integer(one.deal.tonnes), right: true },
          { title: "price", of: (one) => io.format.integer(one.deal.price), right: true },
          { title: "seller", of: (one) => String(one.sellerParticipantId), right: true },
          { title: "buyer", of: (one) => String(one.buyerParticipantId), right: true },
          { title: "status", of: (one) => one.status },
          { title: "id", of: (one) => one.id },
        ],
      });
    });
  deals
    .command("show")
    .description("a deal, as far as it is")
    .addArgument(which())
    .action(async (id: string) => tellDeal(io, await clientOf(io).deals.get(id)));
}

interface Reporting extends HolderOptions {
  readonly price: bigint;
  readonly with: string;
  readonly maximumFee?: bigint;
  readonly validFor: bigint;
  readonly expires?: string;
  readonly nonce?: bigint;
  readonly dryRun?: true;
}

function addReport(deals: Command, io: Io): void {
  withHolder(withDryRun(deals.command("report")))
    .description("report a deal with your signature")
    .addArgument(new Argument("<side>", "yours").choices(["buy", "sell"]))
    .addArgument(new Argument("<batch>", "code of the batch").argParser(code))
    .addArgument(new Argument("<tonnes>", "how many").argParser(quantity))
    .requiredOption("--price <amount>", "per tonne", quantity)
    .requiredOption("--with <account>", "the other side", address)
    .option("--maximum-fee <basis-points>", "of the value", wholeNumber)
    .addOption(
      new Option("--valid-for <time>", "how long it may be settled").argParser(duration).default(86_400n, "1d"),
    )
    .option("--expires <time>", "the same, as a moment", moment)
    .option("--nonce <number>", "of an earlier try, to ask for the same again", wholeNumber)
    .action(async (side: "buy" | "sell", batch: string, tonnes: bigint, options: Reporting) => {
      const client = clientOf(io);
      const holder = await holderOf(io, client, options);
      const expiresAt =
        options.expires === undefined
          ? BigInt(Math.floor(Date.now() / 1000)) + options.validFor
          : BigInt(Math.floor(Date.parse(options.expires) / 1000));
      const input = {
        side: side === "buy" ? ("buyer" as const) : ("seller" as const),
        counterparty: options.with,
        batch,
        tonnes,
        price: options.price,
        maximumFeeBasisPoints: options.maximumFee ?? 0n,
        expiresAt,
        nonce: options.nonce ?? randomNonce(),
      };
      const [title, fields] = ["Report a deal", await termsOf(io, input)];
      const expires = new Date(Number(expiresAt) * 1000).toISOString();
      const advice = `The same command with --nonce ${input.nonce} --expires ${expires} cannot do it twice.`;
      if (!holder.isOwn) {
        const account = holder.account === undefined ? {} : { account: holder.account };
        if (options.dryRun === true) {
          tellPlan(io, title, fields, { request: { ...input, ...account } });
          return;
        }
        return judgedDeal(io, advice, () => client.deals.report({ ...input, ...account }));
      }
      const { deal, hash: id } = await holder.preview.sign.deal(input);
      const said: Field[] = [["signed by", holder.address], ...fields, ["EIP-712 hash", id]];
      if (options.dryRun === true) {
        tellPlan(io, title, said, { deal, hash: id });
        return;
      }
      tellBefore(io, title, said);
      const { hash: signedId, ...report } = await (await holder.unlock()).sign.deal(input);
      if (signedId !== id) throw new CliError("What was to be signed is not what was shown: nothing was sent.");
      await judgedDeal(io, advice, () => client.deals.report(report));
    });
}

interface Terms {
  readonly side: "buyer" | "seller";
  readonly counterparty: string;
  readonly batch: string;
  readonly tonnes: bigint;
  readonly price: bigint;
  readonly expiresAt: bigint;
}

async function termsOf(io: Io, terms: Terms): Promise<Field[]> {
  const wording = createWording(clientOf(io));
  const currency = await wording.currency();
  const { side, counterparty, batch, tonnes, price, expiresAt } = terms;
  return [
    ["you are", `the ${side}`],
    [side === "buyer" ? "seller" : "buyer", await wording.account(counterparty)],
    ["units", `${io.format.tonnes(tonnes)} of ${await wording.batch(batch)}`],
    ["price", `${io.format.money(price, currency)} per tonne, ${io.format.money(price * tonnes, currency)} together`],
    ["may settle until", io.format.unixTime(expiresAt)],
  ];
}

function addAnswers(deals: Command, io: Io): void {
  withHolder(withDryRun(deals.command("confirm")))
    .description("put your signature to a deal that the other side reported")
    .addArgument(which())
    .action(async (id: string, options: HolderOptions & { readonly dryRun?: true }) => {
      const client = clientOf(io);
      const [reported, holder] = [await client.deals.get(id), await holderOf(io, client, options)];
      const { deal, reportedBy } = reported;
      const side = reportedBy === "buyer" ? "seller" : "buyer";
      const fields = await termsOf(io, {
        side,
        counterparty: side === "buyer" ? deal.seller : deal.buyer,
        batch: deal.batch,
        tonnes: BigInt(deal.tonnes),
        price: BigInt(deal.price),
        expiresAt: BigInt(deal.expiresAt),
      });
      const title = "Confirm a deal";
      const said: Field[] = [...fields, ["EIP-712 hash", id]];
      if (options.dryRun === true) {
        tellPlan(io, title, said, { deal, hash: id });
        return;
      }
      if (!holder.isOwn) {
        const body = holder.account === undefined ? {} : { account: holder.account };
        return judgedDeal(io, ONCE, () => client.deals.confirm(id, body));
      }
      tellBefore(io, title, [["signed by", holder.address], ...said]);
      const firm = await holder.unlock();
      await judgedDeal(io, ONCE, () => firm.confirmDeal(reported));
    });
  deals
    .command("cancel")
    .description("take a deal back that is not confirmed, or refuse one")
    .addArgument(which())
    .action(async (id: string) => judgedDeal(io, ONCE, () => clientOf(io).deals.cancel(id)));
}

async function judgedDeal(io: Io, advice: string, send: () => Promise<ReportedDeal>): Promise<void> {
  await judged(io, advice, async () => tellDeal(io, await send()));
}

function tellDeal(io: Io, reported: ReportedDeal): void {
  io.json(reported);
  const { id, status, deal, value, sellerParticipantId, buyerParticipantId, confirmBy, problem, txHash } = reported;
  const style = status === "failed" ? "bad" : status === "settled" ? "good" : "bold";
  io.out(`${io.paint(style, status)}  ${io.format.tonnes(deal.tonnes)} of ${printable(deal.batch)}`);
  const fields: Field[] = [
    ["deal", id],
    ["price", `${io.format.integer(deal.price)} per tonne, ${io.format.integer(value)} together`],
    ["seller", `${deal.seller}, participant ${sellerParticipantId}`],
    ["buyer", `${deal.buyer}, participant ${buyerParticipantId}`],
    ["to be confirmed by", status === "reported" ? io.format.time(confirmBy) : null],
    ["transaction", txHash],
    ["problem", problem === null ? null : `${problem.detail} (${problem.code})`],
  ];
  for (const line of fieldLines(fields)) io.out(line);
}
