import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hexToBytes } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { codeOfBatchId } from "../../src/chain/codes.js";
import { developmentWallet } from "../../src/chain/development.js";
import { exchangeDomain, hashOrder, orderOf, type OrderJson } from "../../src/chain/orders.js";
import { signDigest } from "../../src/chain/signature.js";
import { openDatabase } from "../../src/db/connection.js";
import { isFaithful, replayLog } from "../../src/market/replay.js";
import { startFaultyNode, type FaultyNode } from "../support/faulty-node.js";
import { requester } from "../support/http.js";
import { deployTestLedger } from "../support/ledger.js";
import { seededChoice } from "../support/random.js";

const KILLS = 50;
/** Ten times what it takes on a machine that has nothing else to do. */
const LONG = 1_200_000;
const START_TONNES = 1_000_000n;
const START_CASH = 400_000_000_000n;
const PRICE = 136_000;
const FIRST_FIRM = 12;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Firm {
  readonly account: string;
  readonly privateKey: Uint8Array;
  readonly id: number;
  key: { authorization: string };
  nonce: number;
}

/** What the service has acknowledged about an order: it may know more by now, never less. */
interface Acknowledged {
  readonly firm: Firm;
  filledTonnes: bigint;
  isCancelled: boolean;
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly keys: string[];
}

describe("an exchange that is killed again and again", () => {
  const random = seededChoice(20_260_629);
  const dataDir = mkdtempSync(join(tmpdir(), "carbon-ledger-exchange-"));
  const manifestFile = join(dataDir, "manifest.json");
  const acknowledged = new Map<string, Acknowledged>();
  let ledger: Awaited<ReturnType<typeof deployTestLedger>>;
  let node: FaultyNode;
  let batch: string;
  let batchId: bigint;
  let firms: Firm[];
  let running: Running | undefined;
  let next: ChildProcess | undefined;

  /** A process that has loaded the program, and waits. */
  function prepare(participants?: readonly number[]): ChildProcess {
    const args = [dataDir, node.url, manifestFile, ...(participants === undefined ? [] : [participants.join(",")])];
    return spawn(process.execPath, ["--import", "tsx", "test/support/market-process.ts", ...args], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "inherit"],
      env: { PATH: process.env["PATH"] },
    });
  }

  async function start(child: ChildProcess): Promise<Running> {
    child.stdin!.write("go\n");
    let output = "";
    running = await new Promise<Running>((resolve, reject) => {
      child.once("close", (code) => reject(new Error(`Ended with ${code}: ${output}`)));
      child.stdout!.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const url = /^ready (.+)$/m.exec(output)?.[1];
        const keys = [...output.matchAll(/^key (.+)$/gm)].map((match) => match[1]!);
        if (url !== undefined) resolve({ child, url, keys });
      });
    });
    return running;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const { child } = running!;
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill(signal);
    await closed;
    running = undefined;
  }

  function newOrder(firm: Firm): { hash: string; order: OrderJson; signature: string; timeInForce?: string } {
    const side = random(2) === 0 ? "buy" : "sell";
    const order: OrderJson = {
      account: firm.account,
      batch,
      side,
      tonnes: String(1 + random(40)),
      minimumTonnes: "0",
      limitPrice: String(PRICE + (random(7) - 3) * 1_000),
      maximumFeeBasisPoints: "10",
      nonce: String(firm.nonce++),
      expiresAt: String(Math.floor(Date.now() / 1_000) + 86_400),
    };
    const hash = hashOrder(orderOf(order), exchangeDomain(ledger.chainId, ledger.addresses.Exchange));
    return { hash, order, signature: signDigest(hash, firm.privateKey) };
  }

  /** Places and cancels until the service is gone. What is not acknowledged may have happened or not. */
  async function load(url: string, firm: Firm): Promise<void> {
    const { post, send } = requester(url);
    try {
      for (;;) {
        const orders = Array.from({ length: 1 + random(8) }, () => newOrder(firm));
        const { status, body } = await post("/v1/orders", { orders: orders.map(({ hash: _, ...item }) => item) });
        if (status !== 200) continue;
        for (const { order, problem } of body.items) {
          if (problem !== null) expect(["position-insufficient", "market-unavailable"]).toContain(problem.code);
          else acknowledged.set(order.id, { firm, filledTonnes: BigInt(order.filledTonnes), isCancelled: false });
        }
        const { hash } = orders[random(orders.length)]!;
        if (random(2) === 0 || !acknowledged.has(hash)) continue;
        const cancelled = await send(`/v1/orders/${hash}`, { method: "DELETE", headers: firm.key });
        if (cancelled.status === 200) {
          Object.assign(acknowledged.get(hash)!, {
            isCancelled: true,
            filledTonnes: BigInt(cancelled.body.filledTonnes),
          });
        } else expect([409, 503]).toContain(cancelled.status);
      }
    } catch (error) {
      // A refused connection and a broken one are what a killed process leaves.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async function all<Item>(url: string, path: string, key: Firm["key"], most = Infinity): Promise<Item[]> {
    const { get } = requester(url);
    const items: Item[] = [];
    for (let cursor = ""; items.length < most;) {
      const { status, body } = await get(`${path}${path.includes("?") ? "&" : "?"}limit=200${cursor}`, key);
      expect(status).toBe(200);
      items.push(...body.items);
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
    }
    return items;
  }

  interface OrderItem {
    readonly id: string;
    readonly status: string;
    readonly side: "buy" | "sell";
    readonly filledTonnes: string;
    readonly openTonnes: string;
    readonly limitPrice: string;
  }

  /** Every acknowledged order is there, no less filled than it was, and open only if its cancellation was not acknowledged. */
  async function compare(url: string, most = Infinity): Promise<Map<string, OrderItem>> {
    const { get } = requester(url);
    const opened = await get(`/v1/orders/next-nonce?account=${firms[0]!.account}&batch=${batch}`);
    expect(opened).toMatchObject({ status: 200 });
    const found = new Map<string, OrderItem>();
    for (const firm of firms) {
      for (const order of await all<OrderItem>(url, "/v1/orders", firm.key, most)) found.set(order.id, order);
    }
    for (const [hash, { filledTonnes, isCancelled }] of [...acknowledged].slice(-Math.min(most, acknowledged.size))) {
      const order = found.get(hash);
      expect(order, `order ${hash}`).toBeDefined();
      expect(["open", "filled", "cancelled"]).toContain(order!.status);
      expect(BigInt(order!.filledTonnes) >= filledTonnes).toBe(true);
      if (isCancelled) expect(order).toMatchObject({ status: "cancelled", filledTonnes: filledTonnes.toString() });
    }
    return found;
  }

  beforeAll(async () => {
    ledger = await deployTestLedger();
    const { provider } = ledger.ethers;
    const wallets = ledger.firms.slice(0, 3);
    const ids: number[] = [];
    for (const { address } of wallets) ids.push(await ledger.admit(null, address));
    batchId = await ledger.issueBatch({ recipient: wallets[0]!.address, tonnes: 3n * START_TONNES });
    batch = codeOfBatchId(batchId);
    await ledger.listInstrument(batchId);
    firms = [];
    for (const [place, wallet] of wallets.entries()) {
      const { privateKey } = developmentWallet(FIRST_FIRM + place);
      firms.push({
        account: wallet.address,
        privateKey: hexToBytes(privateKey.slice(2)),
        id: ids[place]!,
        key: { authorization: "" },
        nonce: 0,
      });
      if (place > 0) await ledger.units.connect(wallets[0]).transfer(wallets[0]!, wallet, batchId, START_TONNES, []);
      await ledger.depositUnits(wallet, batchId, START_TONNES);
      await ledger.fundCash(wallet.address, START_CASH);
      await ledger.depositCash(wallet, START_CASH);
    }
    writeFileSync(manifestFile, JSON.stringify(ledger.manifest));
    node = await startFaultyNode((method, params) => provider.send(method, [...params]), 0);
    const { url, keys } = await start(prepare(firms.map(({ id }) => id)));
    const [operator, ...own] = keys;
    for (const [place, firm] of firms.entries()) firm.key = { authorization: `Bearer ${own[place]}` };
    const definition = { tick: "1000", bandBasisPoints: null, referencePrice: null, calendar: "always-open" };
    const defined = await requester(url).post(`/v1/instruments/${batch}/definition`, definition, {
      authorization: `Bearer ${operator}`,
    });
    expect(defined.status).toBeLessThan(300);
  }, LONG);

  afterAll(async () => {
    if (running !== undefined) await end("SIGKILL");
    next?.kill("SIGKILL");
    await node.become("refusing");
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(
    "keeps what it acknowledged, once, and gives the same trades when its log is played again",
    async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        const { url } = running!;
        next = prepare();
        await compare(url, 200);
        const sessions = Promise.all(firms.map((firm) => load(url, firm)));
        await sleep(20 + random(400));
        await end("SIGKILL");
        await sessions;
        await start(next);
      }

      const { url } = running!;
      const orders = await compare(url);
      interface Trade {
        readonly id: string;
        readonly order: string;
        readonly side: "buy" | "sell";
        readonly tonnes: string;
        readonly price: string;
        readonly status: string;
      }
      const filled = new Map<string, bigint>();
      for (const firm of firms) {
        let trades: Trade[] = [];
        for (let attempt = 0; attempt < 200; attempt++) {
          trades = await all<Trade>(url, "/v1/trades/mine", firm.key);
          if (trades.every(({ status }) => status !== "matched")) break;
          await sleep(100);
        }
        expect(trades.filter(({ status }) => status !== "settled")).toEqual([]);
        for (const { order, tonnes } of trades) filled.set(order, (filled.get(order) ?? 0n) + BigInt(tonnes));

        const [sold, bought] = (["sell", "buy"] as const).map((side) => trades.filter((trade) => trade.side === side));
        const tonnes = (some: Trade[]) => some.reduce((sum, trade) => sum + BigInt(trade.tonnes), 0n);
        const money = (some: Trade[]) =>
          some.reduce((sum, trade) => sum + BigInt(trade.tonnes) * BigInt(trade.price), 0n);
        const position = await ledger.exchange.unitPosition(firm.account, batchId);
        expect(position.tonnes).toBe(START_TONNES - tonnes(sold!) + tonnes(bought!));
        const cash = await ledger.exchange.cashPosition(firm.account);
        expect(cash.amount).toBe(START_CASH + money(sold!) - money(bought!));

        const open = (await all<OrderItem>(url, "/v1/orders?status=open", firm.key)).map(
          ({ id, side, openTonnes, limitPrice }) => {
            const value = BigInt(openTonnes) * BigInt(limitPrice);
            const amount = side === "sell" ? BigInt(openTonnes) : value + (value * 10n) / 10_000n;
            return { for: `order:${id}`, batch: side === "sell" ? batch : null, amount: amount.toString() };
          },
        );
        const reserved = await requester(url).get(`/v1/reservations?account=${firm.account}`, firm.key);
        const byName = (a: { for: string }, b: { for: string }) => (a.for < b.for ? -1 : 1);
        expect(reserved.body.items.toSorted(byName)).toEqual(open.toSorted(byName));
      }
      for (const [hash, order] of orders) expect(filled.get(hash) ?? 0n, hash).toBe(BigInt(order.filledTonnes));

      await end("SIGTERM");
      const database = await openDatabase({ dataDir });
      const report = await replayLog(database.db);
      await database.close();
      expect(report).toMatchObject({ difference: null, orderDifferences: [], unwritten: 0 });
      expect(isFaithful(report)).toBe(true);
      expect(report.trades).toBeGreaterThan(0);
      expect(acknowledged.size).toBeGreaterThan(0);
    },
    LONG,
  );
});
