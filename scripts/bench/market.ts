import { createClient } from "../../src/client/client.js";
import type { IntentDomain } from "../../src/chain/intents.js";
import { exchangeDomain, hashOrder, orderOf, type OrderJson } from "../../src/chain/orders.js";
import { createPoster } from "../../src/chain/rpc-post.js";
import { signDigest } from "../../src/chain/signature.js";
import { BATCH, done, officeOf, type ServiceProcess, type Trader } from "./service.js";

/** What every firm brings to the exchange. */
const TONNES = 9_000n;
const CASH = 4_000_000_000n;
const DAY_SECONDS = 86_400;
const ANSWER_MS = 60_000;

export interface SignedOrder {
  readonly order: OrderJson;
  readonly signature: string;
}

/** Where the firms trade, and how much they ask. */
export interface Market {
  /** Orders of 1 t, of one firm after the other, signed before the clock runs. */
  sign(traders: readonly Trader[], side: "buy" | "sell", price: number, count: number): SignedOrder[];
}

/** Opens a market, around the clock, for units that the traders hold already; everyone brings units and money to it. All over HTTP. */
export async function openMarket(service: ServiceProcess, traders: readonly Trader[]): Promise<Market> {
  const registrar = await officeOf(service, "registrar");
  const operator = await officeOf(service, "exchange-operator");
  const bank = await officeOf(service, "settlement-bank");
  const open = createClient({ baseUrl: service.url });
  const { chainId, contracts } = await open.chain.get();
  const exchange = contracts["exchange"] ?? "";

  await done(registrar, registrar.instruments.create(BATCH, "credit"));
  const definition = { tick: "1", bandBasisPoints: null, referencePrice: null, calendar: "always-open" } as const;
  await operator.instruments.define(BATCH, definition);
  await Promise.all(
    traders.map(async ({ firm }, index) => {
      const deposit = { account: firm.address, amount: CASH.toString(), reference: `bench-${index}` };
      await done(bank, bank.cash.deposits.create(deposit));
      await done(open, firm.transferCash(exchange, CASH));
      await done(open, firm.transfer({ to: exchange, batch: BATCH, tonnes: TONNES }));
    }),
  );

  return marketOf(exchangeDomain(BigInt(chainId), exchange));
}

export function marketOf(domain: IntentDomain): Market {
  const nonces = new Map<string, number>();
  return {
    sign(firms, side, price, count) {
      return Array.from({ length: count }, (_, index) => {
        const { privateKey, firm } = firms[index % firms.length] as Trader;
        const nonce = nonces.get(firm.address) ?? 0;
        nonces.set(firm.address, nonce + 1);
        const order: OrderJson = {
          account: firm.address,
          batch: BATCH,
          side,
          tonnes: "1",
          minimumTonnes: "0",
          limitPrice: price.toString(),
          maximumFeeBasisPoints: "0",
          nonce: nonce.toString(),
          expiresAt: (Math.floor(Date.now() / 1_000) + DAY_SECONDS).toString(),
        };
        const key = Buffer.from(privateKey.slice(2), "hex");
        return { order, signature: signDigest(hashOrder(orderOf(order), domain), key) };
      });
    },
  };
}

/** So many orders in a body, so many bodies at a time. */
export interface Bulk {
  readonly size: number;
  readonly concurrency: number;
}

/** Requests that are ready to go, and what came of them. */
export interface Posting {
  /** @returns seconds, first request to last answer */
  send(): Promise<number>;
  /** @throws unless all of the orders were accepted */
  check(): void;
}

/** @returns seconds, first request to last answer @throws unless all of them are accepted */
export async function postOrders(service: ServiceProcess, orders: readonly SignedOrder[], how: Bulk): Promise<number> {
  const posting = preparePosting(service, orders, how);
  const seconds = await posting.send();
  posting.check();
  return seconds;
}

/** What is done before and after the clock runs: the firms' machines are not those of the service. */
export function preparePosting(
  { url }: ServiceProcess,
  orders: readonly SignedOrder[],
  { size, concurrency }: Bulk,
): Posting {
  const bodies: string[] = [];
  for (let start = 0; start < orders.length; start += size) {
    bodies.push(JSON.stringify(size === 1 ? orders[start] : { orders: orders.slice(start, start + size) }));
  }
  const queue = bodies.toReversed();
  const answers: string[] = [];
  const poster = createPoster(ANSWER_MS);
  const post = async (): Promise<void> => {
    for (let body = queue.pop(); body !== undefined; body = queue.pop())
      answers.push((await poster.post(`${url}/v1/orders`, body)).text);
  };
  return {
    async send() {
      const began = performance.now();
      await Promise.all(Array.from({ length: concurrency }, post));
      const seconds = (performance.now() - began) / 1_000;
      poster.close();
      return seconds;
    },
    check() {
      const accepted = answers.reduce((sum, answer) => sum + acceptedIn(answer), 0);
      if (accepted !== orders.length)
        throw new Error(`${accepted} of ${orders.length} orders were accepted: ${answers[0]}`);
    },
  };
}

function acceptedIn(answer: string): number {
  const body = JSON.parse(answer) as { id?: string; items?: { order: object | null }[] };
  return body.items === undefined
    ? Number(body.id !== undefined)
    : body.items.filter(({ order }) => order !== null).length;
}

/** A number that the service measures; labels as they stand in its metrics. */
export async function metricOf({ url }: ServiceProcess, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}
