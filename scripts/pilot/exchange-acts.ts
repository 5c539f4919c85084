import { setTimeout as sleep } from "node:timers/promises";
import { Interface, Wallet } from "ethers";

import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { batchIdOf } from "../../src/chain/codes.js";
import type { Auction } from "../../src/client/auction-types.js";
import type { ReportedDeal } from "../../src/client/deal-types.js";
import type { Order } from "../../src/client/order-types.js";
import type { OrderInput } from "../../src/client/market-requests.js";
import type { MarketAct, MarketActOf } from "./exchange-scenario.js";
import { money } from "./exchange-steps.js";
import { actor, nonceOf, settled, writeOptions, type Actor, type Stage, type Step } from "./stage.js";

const AUCTION_OPENS_SECONDS = 3;
const AUCTION_LASTS_SECONDS = 12;
const AUCTION_PATIENCE_SECONDS = 60;
const GAS_LIMIT = 500_000;

interface Play {
  readonly stage: Stage;
  /** What was placed, by its step. */
  readonly orders: Map<string, Order>;
  /** Of the act: the same in every run. */
  readonly nonce: bigint;
}

/** The acts of the firms on the exchange, in the scenario's order. */
export function marketActSteps(stage: Stage, acts: readonly MarketAct[], orders: Map<string, Order>): Step[] {
  return acts.map((act, index) => ({
    name: act.step,
    run: () => play({ stage, orders, nonce: BigInt(index) * 10n + 1n }, act),
  }));
}

function play(context: Play, act: MarketAct): Promise<string> {
  switch (act.kind) {
    case "order":
    case "firm-order":
      return offer(context, act);
    case "selection":
      return select(context, act);
    case "order-cancellation":
      return cancel(context, act);
    case "deal":
      return deal(context, act);
    case "auction":
      return auction(context, act);
    case "failed-settlement":
      return settlementThatFails(context, act);
  }
}

async function offer(context: Play, act: MarketActOf<"order"> | MarketActOf<"firm-order">): Promise<string> {
  const { stage, orders, nonce } = context;
  const { organisation, batch, side, tonnes, price } = act;
  const firm = actor(stage, organisation);
  const isFirmOrder = act.kind === "firm-order";
  const conditions = isFirmOrder
    ? ({ mode: "put-through" } as const)
    : act.timeInForce === undefined
      ? {}
      : { timeInForce: act.timeInForce, minimumTonnes: act.timeInForce === "fok" ? tonnes : "0" };
  const order = await place(stage, firm, { batch, side, tonnes, limitPrice: price, ...conditions }, nonce);
  orders.set(act.step, order);

  const words = `${firm.organisation.name}: ${side} ${money(tonnes)} t of ${batch} at ${money(price)}`;
  if (isFirmOrder) return `${words}, on the put-through board`;
  const rest = BigInt(tonnes) - BigInt(order.filledTonnes);
  const state = order.status === "open" ? `${money(rest.toString())} t in the book` : order.status;
  return `${words}: ${money(order.filledTonnes)} t matched, ${state}`;
}

async function select({ stage, orders, nonce }: Play, act: MarketActOf<"selection">): Promise<string> {
  const offered = placed(orders, act.selects);
  const firm = actor(stage, act.organisation);
  const { batch, limitPrice } = offered;
  const side = offered.side === "buy" ? "sell" : "buy";
  await place(
    stage,
    firm,
    { batch, side, tonnes: act.tonnes, limitPrice, mode: "put-through", selects: offered.id },
    nonce,
  );
  return `${firm.organisation.name}: selects ${money(act.tonnes)} t of a firm order at ${money(limitPrice)}`;
}

async function cancel({ stage, orders }: Play, act: MarketActOf<"order-cancellation">): Promise<string> {
  const order = placed(orders, act.order);
  const firm = [...stage.actors.values()].find(({ account }) => account === order.account);
  if (firm === undefined) throw new Error(`${act.step}: nobody placed ${act.order}`);
  // An earlier run may have come as far as this.
  if (order.status === "open") {
    await (firm.firm === null ? firm.client.orders.cancel(order.id) : firm.firm.cancelOrder(order));
  }
  return `${firm.organisation.name}: cancels ${order.side} ${money(order.tonnes)} t at ${money(order.limitPrice)}`;
}

async function deal(context: Play, act: MarketActOf<"deal">): Promise<string> {
  const { stage } = context;
  const reported = await report(stage, act);
  await confirm(act.reportedBy === "seller" ? actor(stage, act.buyer) : actor(stage, act.seller), reported);
  return `Deal: ${wordsOf(stage, act)}, signed by both`;
}

/** The same words, and so the same deal, in every run. */
async function report(
  stage: Stage,
  act: MarketActOf<"deal"> | (MarketActOf<"failed-settlement"> & { reportedBy: "seller" }),
): Promise<ReportedDeal> {
  const [seller, buyer] = [actor(stage, act.seller), actor(stage, act.buyer)];
  const [reporter, counterparty] = act.reportedBy === "seller" ? [seller, buyer] : [buyer, seller];
  const input = {
    side: act.reportedBy,
    counterparty: counterparty.account,
    batch: act.batch,
    tonnes: act.tonnes,
    price: act.price,
    maximumFeeBasisPoints: "0",
    expiresAt: (BigInt(Math.floor(Date.parse(stage.state.startedAt) / 1_000)) + 7n * 86_400n).toString(),
    nonce: nonceOf(stage, act.step).toString(),
  };
  return reporter.firm === null ? reporter.client.deals.report(input) : reporter.firm.reportDeal(input);
}

async function confirm(firm: Actor, reported: ReportedDeal): Promise<void> {
  if (reported.status !== "reported") return;
  await (firm.firm === null ? firm.client.deals.confirm(reported.id) : firm.firm.confirmDeal(reported));
}

async function auction({ stage, nonce }: Play, act: MarketActOf<"auction">): Promise<string> {
  const { id, opensAt } = (await earlierAuction(stage, act)) ?? (await announce(stage, act, nonce));
  await sleep(Math.max(0, Date.parse(opensAt) - Date.now()) + 200);

  for (const [index, { organisation, tonnes, price }] of act.bids.entries()) {
    if (Date.now() > (await closing(stage, id))) break;
    const firm = actor(stage, organisation);
    const terms = { tonnes, maximumFeeBasisPoints: "0", nonce: (nonce + BigInt(index) + 1n).toString() };
    await (firm.firm === null
      ? firm.client.auctions.bid(id, { ...terms, price })
      : firm.firm.bid(
          id,
          { batch: act.batch, tonnes, limitPrice: price, expiresAt: await settlesBy(stage, id) },
          { nonce: nonce + BigInt(index) + 1n },
        ));
  }

  const ended = await untilEnded(stage, id);
  const words = `Auction of ${money(act.tonnes)} t of ${act.batch}, ${act.bids.length} sealed bids`;
  return ended.clearingPrice === null
    ? `${words}: void (${ended.voidReason ?? ended.status})`
    : `${words}: all winners pay ${money(ended.clearingPrice)}`;
}

async function earlierAuction(stage: Stage, act: MarketActOf<"auction">): Promise<Auction | undefined> {
  const { participantId } = actor(stage, act.seller);
  const { items } = await stage.open.auctions.list({ batch: act.batch, participantId });
  return items.find(({ status }) => status !== "cancelled");
}

async function announce(stage: Stage, act: MarketActOf<"auction">, nonce: bigint): Promise<Auction> {
  const seller = actor(stage, act.seller);
  const opens = Date.now() + AUCTION_OPENS_SECONDS * 1_000;
  const times = {
    opensAt: new Date(opens).toISOString(),
    closesAt: new Date(opens + AUCTION_LASTS_SECONDS * 1_000).toISOString(),
  };
  const { batch, tonnes, reservePrice } = act;
  if (seller.firm !== null) throw new Error(`${act.step}: the pilot's auction is of a managed account`);
  const terms = { batch, tonnes, reservePrice, maximumFeeBasisPoints: "0", nonce: nonce.toString() };
  return seller.client.auctions.announce({ ...terms, ...times });
}

async function closing(stage: Stage, id: string): Promise<number> {
  return Date.parse((await stage.open.auctions.get(id)).closesAt);
}

/** A bid must be good for longer than the auction lasts: an hour for the settlement. */
async function settlesBy(stage: Stage, id: string): Promise<bigint> {
  return BigInt(Math.floor((await closing(stage, id)) / 1_000) + 2 * 3_600);
}

async function untilEnded(stage: Stage, id: string): Promise<Auction> {
  const deadline = Date.now() + AUCTION_PATIENCE_SECONDS * 1_000;
  for (;;) {
    const state = await stage.open.auctions.get(id);
    if (state.status === "cleared" || state.status === "void" || state.status === "cancelled") return state;
    if (Date.now() > deadline) throw new Error(`Auction ${id} did not end within ${AUCTION_PATIENCE_SECONDS} s`);
    await sleep(300);
  }
}

/** The seller signs a deal, and then, without the service, asks the contract for the units of it. */
async function settlementThatFails(context: Play, act: MarketActOf<"failed-settlement">): Promise<string> {
  const { stage } = context;
  const seller = actor(stage, act.seller);
  const reported = await report(stage, { ...act, reportedBy: "seller" });
  const raw = await withdrawalOf(stage, act);
  await settled(stage.open, stage.open.transactions.send(raw, writeOptions(stage, `${act.step}:withdrawal`)));
  await confirm(actor(stage, act.buyer), reported);
  return `${seller.organisation.name} takes ${money(act.tonnes)} t of ${act.batch} out, behind a deal that both have signed`;
}

/** A transaction of the firm's own key, straight to the contract. */
async function withdrawalOf(stage: Stage, act: MarketActOf<"failed-settlement">): Promise<string> {
  const key = stage.state.firmKeys[act.seller];
  if (key === undefined) throw new Error(`${act.step}: only a firm with its own key can go to the contract`);
  const wallet = new Wallet(key);
  const contract = new Interface(Exchange__factory.abi);
  return wallet.signTransaction({
    to: stage.chain.contracts["exchange"] ?? null,
    data: contract.encodeFunctionData("requestWithdrawal", [wallet.address, batchIdOf(act.batch), act.tonnes]),
    nonce: 0,
    chainId: stage.chain.chainId,
    gasLimit: GAS_LIMIT,
    gasPrice: 0,
    type: 0,
  });
}

async function place(stage: Stage, firm: Actor, input: OrderInput, nonce: bigint): Promise<Order> {
  const order = { ...input, maximumFeeBasisPoints: "0", expiresAt: stage.state.deadline };
  return firm.firm === null
    ? firm.client.orders.place({ ...order, nonce: nonce.toString() })
    : firm.firm.placeOrder(order, { nonce });
}

function placed(orders: ReadonlyMap<string, Order>, step: string): Order {
  const order = orders.get(step);
  if (order === undefined) throw new Error(`The scenario names the order "${step}" before it is placed`);
  return order;
}

function wordsOf(stage: Stage, act: MarketActOf<"deal">): string {
  const [seller, buyer] = [actor(stage, act.seller), actor(stage, act.buyer)];
  const what = `${money(act.tonnes)} t of ${act.batch} at ${money(act.price)}`;
  return `${seller.organisation.name} → ${buyer.organisation.name}, ${what}`;
}
