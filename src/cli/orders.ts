import { Argument, Option, type Command } from "commander";

import type { OrderInput } from "../client/market-requests.js";
import type { Side } from "../client/market-types.js";
import type { Order, OrderStatus, TimeInForce } from "../client/order-types.js";
import { judged, tellPlan, withDryRun } from "./acts.js";
import { address, code, duration, hash, moment, quantity, wholeNumber } from "./arguments.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { holderOf, randomNonce, tellBefore, withHolder, type HolderOptions } from "./signing.js";
import { fieldLines, printable, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
Prices are whole minor units of the currency, per tonne (for VND: dong). What an order may cost must lie on the exchange beforehand:
carbon transfer ... --to exchange for units, carbon cash transfer ... --to exchange for money.

Examples:
  carbon orders buy VN-VCS-2557-2023-01 100 --price 136000 --dry-run
  carbon orders sell VN-VCS-2557-2023-01 100 --price 137000 --valid-for 7d --post-only
  carbon orders list --status open
  carbon orders cancel 0x...
  carbon orders buy VN-VCS-2557-2023-01 50 --price 136000 --put-through --selects 0x...`;

/** `carbon orders`: to buy and to sell. */
export const registerOrders: Register = (program, io) => {
  const orders = program
    .command("orders")
    .description("buy and sell in the order book and on the board")
    .addHelpText("after", HELP);
  addReads(orders, io);
  for (const side of ["buy", "sell"] as const) addPlacing(orders, io, side);
  addCancelling(orders, io);
};

/** Of what can be said again as it was. */
const ONCE = "The same command cannot do it twice.";

interface ListFilter extends ListOptions {
  readonly batch?: string;
  readonly side?: Side;
  readonly status?: OrderStatus;
  readonly account?: string;
}

function addReads(orders: Command, io: Io): void {
  withPages(orders.command("list"))
    .description("your orders, the latest first")
    .option("--batch <code>", "only in this batch", code)
    .addOption(new Option("--side <side>", "only these").choices(["buy", "sell"]))
    .addOption(
      new Option("--status <status>", "only these").choices(["open", "filled", "cancelled", "expired", "rejected"]),
    )
    .option("--account <address>", "only those of this account", address)
    .action(async (options: ListFilter) => {
      const { batch, side, status, account } = options;
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) =>
          client.orders.list({
            ...page,
            ...(batch === undefined ? {} : { batch }),
            ...(side === undefined ? {} : { side }),
            ...(status === undefined ? {} : { status }),
            ...(account === undefined ? {} : { account }),
          }),
        columns: [
          { title: "placed", of: (one) => io.format.time(one.createdAt) },
          { title: "side", of: (one) => one.side },
          { title: "batch", of: (one) => one.batch },
          { title: "tonnes", of: (one) => io.format.integer(one.tonnes), right: true },
          { title: "filled", of: (one) => io.format.integer(one.filledTonnes), right: true },
          { title: "price", of: (one) => io.format.integer(one.limitPrice), right: true },
          { title: "status", of: (one) => one.status },
          { title: "id", of: (one) => one.id },
        ],
      });
    });
  orders
    .command("show")
    .description("an order, as far as it is")
    .addArgument(new Argument("<id>", "its hash").argParser(hash))
    .action(async (id: string) => tellOrder(io, await clientOf(io).orders.get(id)));
}

interface Placing extends HolderOptions {
  readonly price: bigint;
  readonly market?: true;
  readonly tif?: TimeInForce;
  readonly postOnly?: true;
  readonly minimum?: bigint;
  readonly maximumFee?: bigint;
  readonly validFor: bigint;
  readonly expires?: string;
  readonly nonce?: bigint;
  readonly putThrough?: true;
  readonly selects?: string;
  readonly dryRun?: true;
}

function addPlacing(orders: Command, io: Io, side: Side): void {
  withHolder(withDryRun(orders.command(side)))
    .description(side === "buy" ? "buy units" : "sell units")
    .addArgument(new Argument("<batch>", "code of the batch").argParser(code))
    .addArgument(new Argument("<tonnes>", "how many").argParser(quantity))
    .requiredOption("--price <amount>", `${side === "buy" ? "highest" : "lowest"} price per tonne`, quantity)
    .option("--market", "at whatever price there is, within --price; nothing is left standing")
    .addOption(new Option("--tif <kind>", "how long it stands").choices(["gtc", "gtd", "day", "ioc", "fok"]))
    .option("--post-only", "refused rather than matched at once")
    .option("--minimum <tonnes>", "the first trades take so much together, or none", quantity)
    .option("--maximum-fee <basis-points>", "of the value", wholeNumber)
    .addOption(
      new Option("--valid-for <time>", "how long it may be settled").argParser(duration).default(86_400n, "1d"),
    )
    .option("--expires <time>", "the same, as a moment", moment)
    .option("--put-through", "a firm order on the put-through board")
    .option("--selects <id>", "takes this firm order of the board", hash)
    .option("--nonce <number>", "of an earlier try, to ask for the same again", wholeNumber)
    .action(async (batch: string, tonnes: bigint, options: Placing) => place(io, side, batch, tonnes, options));
}

async function place(io: Io, side: Side, batch: string, tonnes: bigint, options: Placing): Promise<void> {
  const client = clientOf(io);
  const holder = await holderOf(io, client, options);
  const expiresAt =
    options.expires === undefined
      ? BigInt(Math.floor(Date.now() / 1000)) + options.validFor
      : BigInt(Math.floor(Date.parse(options.expires) / 1000));
  const input = inputOf(side, batch, tonnes, options, expiresAt);
  const title = side === "buy" ? "Buy units" : "Sell units";
  const fields = await fieldsOf(io, input, options);
  if (!holder.isOwn) {
    const { account } = holder;
    const { nonce } = options;
    const body = { ...input, ...(account === undefined ? {} : { account }), ...(nonce === undefined ? {} : { nonce }) };
    const said: Field[] = [["signed by", `the service, with the key that it keeps for ${account ?? "you"}`], ...fields];
    if (options.dryRun === true) {
      tellPlan(io, title, said, { request: body });
      return;
    }
    return judgedOrder(io, "carbon orders list says so.", () => client.orders.place(body));
  }
  const nonce = options.nonce ?? BigInt((await client.orders.nextNonce(holder.address, batch)).nonce);
  const { order, hash: id } = await holder.preview.sign.order(input, { nonce });
  const said: Field[] = [
    ["signed by", await createWording(client).account(holder.address)],
    ...fields,
    ["nonce", String(nonce)],
    ["EIP-712 hash", id],
  ];
  if (options.dryRun === true) {
    tellPlan(io, title, said, { order, hash: id });
    return;
  }
  tellBefore(io, title, said);
  const { hash: signedId, ...ready } = await (await holder.unlock()).sign.order(input, { nonce });
  if (signedId !== id) throw new CliError("What was to be signed is not what was shown: nothing was sent.");
  const expires = new Date(Number(expiresAt) * 1000).toISOString();
  await judgedOrder(io, `The same command with --nonce ${nonce} --expires ${expires} cannot do it twice.`, () =>
    client.orders.place(ready),
  );
}

async function judgedOrder(io: Io, again: string, send: () => Promise<Order>): Promise<void> {
  await judged(io, again, async () => tellOrder(io, await send()));
}

function inputOf(side: Side, batch: string, tonnes: bigint, options: Placing, expiresAt: bigint): OrderInput {
  const { price, market, tif, postOnly, minimum, maximumFee, putThrough, selects } = options;
  return {
    batch,
    side,
    tonnes,
    limitPrice: price,
    expiresAt,
    minimumTonnes: minimum ?? 0n,
    maximumFeeBasisPoints: maximumFee ?? 0n,
    ...(market === undefined ? {} : { kind: "market" }),
    ...(tif === undefined ? {} : { timeInForce: tif }),
    ...(postOnly === undefined ? {} : { postOnly }),
    ...(putThrough === undefined && selects === undefined ? {} : { mode: "put-through" }),
    ...(selects === undefined ? {} : { selects }),
  };
}

async function fieldsOf(io: Io, input: OrderInput, options: Placing): Promise<Field[]> {
  const wording = createWording(clientOf(io));
  const currency = await wording.currency();
  const { format } = io;
  const [tonnes, price] = [BigInt(input.tonnes), BigInt(input.limitPrice)];
  const bound = input.side === "buy" ? "at most" : "at least";
  const fee = BigInt(input.maximumFeeBasisPoints ?? 0n);
  return [
    ["units", `${format.tonnes(tonnes)} of ${await wording.batch(input.batch)}`],
    [
      "price",
      `${bound} ${format.money(price, currency)} per tonne, ${bound} ${format.money(price * tonnes, currency)} together`,
    ],
    ["fee", `at most ${Number(fee) / 100} % of the value`],
    [
      "first trades",
      options.minimum === undefined ? null : `together at least ${format.tonnes(options.minimum)}, or none`,
    ],
    ["place", input.mode === undefined ? "the order book" : "the put-through board"],
    ["selects", input.selects ?? null],
    [
      "conditions",
      [input.kind, input.timeInForce, input.postOnly === true ? "post-only" : undefined].filter(Boolean).join(", "),
    ],
    ["may settle until", format.unixTime(BigInt(input.expiresAt ?? 0n))],
  ];
}

function tellOrder(io: Io, order: Order): void {
  io.json(order);
  const { id, status, reason, side, batch, tonnes, filledTonnes, openTonnes, limitPrice, nonce, expiresAt } = order;
  const style = status === "rejected" ? "bad" : status === "filled" ? "good" : "bold";
  io.out(`${io.paint(style, status)}  ${side} ${io.format.tonnes(tonnes)} of ${printable(batch)}`);
  const fields: Field[] = [
    ["order", id],
    ["reason", reason],
    ["price", io.format.integer(limitPrice)],
    ["filled", io.format.tonnes(filledTonnes)],
    ["open", io.format.tonnes(openTonnes)],
    ["nonce", nonce],
    ["may settle until", io.format.unixTime(expiresAt)],
  ];
  for (const line of fieldLines(fields)) io.out(line);
  if (status === "rejected") io.exit(1);
}

function addCancelling(orders: Command, io: Io): void {
  withHolder(withDryRun(orders.command("cancel")))
    .description("take an order off the boards; with a key of your own it is void on the chain, too")
    .addArgument(new Argument("<id>", "its hash").argParser(hash))
    .action(async (id: string, options: HolderOptions & { readonly dryRun?: true }) => {
      const client = clientOf(io);
      const [order, holder] = [await client.orders.get(id), await holderOf(io, client, options)];
      const fields: Field[] = [
        ["order", id],
        ["which is to", `${order.side} ${io.format.tonnes(order.tonnes)} of ${order.batch}`],
        ["still open", io.format.tonnes(order.openTonnes)],
      ];
      const title = "Cancel an order";
      if (!holder.isOwn) {
        if (options.dryRun === true) {
          tellPlan(io, title, fields, {});
          return;
        }
        return judgedOrder(io, ONCE, () => client.orders.cancel(id));
      }
      const terms = { nonce: randomNonce(), deadline: BigInt(Math.floor(Date.now() / 1000)) + 3_600n };
      const preview = await holder.preview.sign.orderCancellation(order.batch, order.nonce, terms);
      const said: Field[] = [["signed by", holder.address], ...fields, ["EIP-712 hash", preview.hash]];
      if (options.dryRun === true) {
        tellPlan(io, title, said, { intent: preview.intent, hash: preview.hash });
        return;
      }
      tellBefore(io, title, said);
      const firm = await holder.unlock();
      const { intent, signature } = await firm.sign.orderCancellation(order.batch, order.nonce, terms);
      await judgedOrder(io, ONCE, () => client.orders.cancel(id, { intent, signature }));
    });
  orders
    .command("cancel-all")
    .description("take all your orders off the boards")
    .option("--batch <code>", "only in this batch", code)
    .addOption(new Option("--side <side>", "only these").choices(["buy", "sell"]))
    .option("--account <address>", "only those of this account", address)
    .action(async (filter: { readonly batch?: string; readonly side?: Side; readonly account?: string }) => {
      await judged(io, ONCE, async () => {
        const answer = await clientOf(io).orders.cancelAll(filter);
        io.json(answer);
        io.out(`${io.format.integer(answer.cancelled)} orders cancelled.`);
      });
    });
}
