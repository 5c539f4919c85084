import { setTimeout as sleep } from "node:timers/promises";

import type { Order } from "../../src/client/order-types.js";
import { marketActSteps } from "./exchange-acts.js";
import { actor, intentOptions, settled, writeOptions, type Offices, type Stage, type Step } from "./stage.js";

const SETTLEMENT_SECONDS = 60;

/** A day on the exchange: what can be traded, who funds what, the acts of the firms, and the wait until all trades have ended. */
export function exchangeSteps(stage: Stage, offices: Offices): Step[] {
  const { instruments, money, deliveries, acts } = stage.scenario.market;
  const orders = new Map<string, Order>();
  return [
    ...instruments.flatMap((instrument) => [
      { name: `list:${instrument.batch}`, run: () => list(stage, offices, instrument) },
      { name: `define:${instrument.batch}`, run: () => define(offices, instrument) },
    ]),
    ...money.flatMap((one) => [
      { name: `deposit:${one.organisation}`, run: () => receive(stage, offices, one) },
      { name: `fund:${one.organisation}`, run: () => fund(stage, one) },
    ]),
    ...deliveries.map((one) => ({
      name: `deliver:${one.organisation}:${one.batch}`,
      run: () => deliver(stage, one),
    })),
    ...marketActSteps(stage, acts, orders),
    { name: "settlement", run: () => untilSettled(stage, offices) },
  ];
}

type MarketOf = Stage["scenario"]["market"];

async function list(stage: Stage, offices: Offices, { batch, kind }: MarketOf["instruments"][number]): Promise<string> {
  const registrar = offices.registrars[0];
  await settled(registrar, registrar.instruments.create(batch, kind, writeOptions(stage, `list:${batch}`)));
  return `Listed ${batch} as a ${kind}`;
}

async function define(offices: Offices, instrument: MarketOf["instruments"][number]): Promise<string> {
  const { batch, kind: _, ...definition } = instrument;
  await offices.exchangeOperator.instruments.define(batch, definition);
  const { tick, bandBasisPoints, referencePrice, calendar } = definition;
  return `Opened the market of ${batch}: tick ${tick}, ${bandBasisPoints / 100} % around ${referencePrice}, ${calendar}`;
}

/** Above the bank's limit one officer proposes, and another approves in the same words. */
async function receive(stage: Stage, offices: Offices, one: MarketOf["money"][number]): Promise<string> {
  const [first, second] = offices.settlementBank;
  const { account, organisation } = actor(stage, one.organisation);
  const step = `deposit:${one.organisation}`;
  const reference = `pilot-${stage.scenario.seed}-${one.organisation}`;
  const { singleApprovalLimit, symbol } = await stage.open.cash.get();
  const deposit = { account, amount: one.amount, reference };
  await settled(first, first.cash.deposits.create(deposit, writeOptions(stage, step)));
  const needsTwo = BigInt(one.amount) > BigInt(singleApprovalLimit);
  if (needsTwo) {
    const terms = { account, amount: one.amount };
    await settled(second, second.cash.deposits.approve(reference, terms, writeOptions(stage, `${step}:approval`)));
  }
  const how = needsTwo ? "proposed by one officer of the bank, approved by another" : "by one officer of the bank";
  return `${organisation.name}: ${money(one.amount)} ${symbol} received, ${how}`;
}

async function fund(stage: Stage, one: MarketOf["money"][number]): Promise<string> {
  const owner = actor(stage, one.organisation);
  const step = `fund:${one.organisation}`;
  const to = exchangeOf(stage);
  await settled(
    owner.client,
    owner.firm === null
      ? owner.client.cash.transfers.create({ to, amount: one.amount }, writeOptions(stage, step))
      : owner.firm.transferCash(to, one.amount, intentOptions(stage, step)),
  );
  return `${owner.organisation.name} → exchange: ${money(one.amount)}`;
}

async function deliver(stage: Stage, one: MarketOf["deliveries"][number]): Promise<string> {
  const owner = actor(stage, one.organisation);
  const step = `deliver:${one.organisation}:${one.batch}`;
  const input = { to: exchangeOf(stage), batch: one.batch, tonnes: one.tonnes };
  await settled(
    owner.client,
    owner.firm === null
      ? owner.client.transfers.create(input, writeOptions(stage, step))
      : owner.firm.transfer(input, intentOptions(stage, step)),
  );
  return `${owner.organisation.name} → exchange: ${money(one.tonnes)} t of ${one.batch}`;
}

/** A trade is only agreed when it is matched; it is done when the chain has it. So is what a firm takes out of trading. */
async function untilSettled(stage: Stage, { auditor }: Offices): Promise<string> {
  const deadline = Date.now() + SETTLEMENT_SECONDS * 1_000;
  const until = async (what: string, isDone: () => Promise<boolean>): Promise<void> => {
    while (!(await isDone())) {
      if (Date.now() > deadline) throw new Error(`${what} did not end within ${SETTLEMENT_SECONDS} s`);
      await sleep(200);
    }
  };
  for (const { batch } of stage.scenario.market.instruments) {
    await until(`Trades of ${batch}`, async () => {
      const { items } = await stage.open.instruments.trades(batch, { status: "matched", limit: 1 });
      return items.length === 0;
    });
  }
  await until("A withdrawal", async () => {
    const { items } = await auditor.positions.list({ limit: 200 });
    return items.every(({ leaving }) => leaving === "0");
  });
  return "Every trade has settled on the chain, or failed there";
}

function exchangeOf(stage: Stage): string {
  const address = stage.chain.contracts["exchange"];
  if (address === undefined) throw new Error("The service names no exchange contract");
  return address;
}

/** With separators, exactly. */
export function money(amount: string): string {
  return BigInt(amount).toLocaleString("en-US");
}
