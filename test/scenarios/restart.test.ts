import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { loadScenario } from "../../scripts/pilot/scenario.js";
import type { Batch, Operation, Participant } from "../../src/client/types.js";
import type { Cancellation, Holding, Retirement, Transfer } from "../../src/client/unit-types.js";
import type { PublicTrade } from "../../src/client/market-types.js";
import type { Order } from "../../src/client/order-types.js";
import type { Position } from "../../src/client/position-types.js";
import { requester } from "../support/http.js";
import { freePorts, runStart, type RunningStart } from "../support/running-start.js";

const READY = /^Ready /m;
/** Several times the whole start, of which the scenario is the greater part, on a machine that has other things to do. */
const LONG = 400_000;

/** Everything that may be asked, as it is now. */
async function snapshot(url: string, key: string) {
  const authorization = { authorization: `Bearer ${key}` };
  const { get, post } = requester(url);
  const all = async <Item>(path: string): Promise<Item[]> => {
    const items: Item[] = [];
    let cursor = "";
    for (;;) {
      const { status, body } = await get(`${path}?limit=200${cursor}`, authorization);
      expect(status).toBe(200);
      items.push(...body.items);
      if (body.next === null) return items;
      cursor = `&cursor=${body.next}`;
    }
  };
  const chain = (await get("/v1/chain")).body;
  return {
    genesisHash: chain.genesisHash,
    head: chain.head,
    contracts: chain.contracts,
    participants: await all<Participant>("/v1/participants"),
    batches: await all<Batch>("/v1/batches"),
    transfers: await all<Transfer>("/v1/transfers"),
    retirements: await all<Retirement>("/v1/retirements"),
    cancellations: await all<Cancellation>("/v1/cancellations"),
    holdings: await all<Holding>("/v1/holdings"),
    positions: await all<Position>("/v1/positions"),
    orders: (await all<Order>("/v1/orders")).map(({ id, status, filledTonnes }) => ({ id, status, filledTonnes })),
    trades: (
      await Promise.all(
        loadScenario().market.instruments.map(({ batch }) => all<PublicTrade>(`/v1/instruments/${batch}/trades`)),
      )
    ).flat(),
    operations: (await all<Operation>("/v1/operations")).map(({ id, status, txHash }) => ({ id, status, txHash })),
    readModel: (await get("/v1/chain/state-hash", authorization)).body,
    reconciliation: (await post("/v1/reconciliation", undefined, authorization)).body,
  };
}

describe("npm start, killed again and again", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "carbon-ledger-restart-"));
  let current: RunningStart | undefined;
  let ports: number[];

  const start = (): RunningStart => {
    const [port = 0, nodePort = 0] = ports;
    current = runStart({ dataDir, port, nodePort });
    return current;
  };
  const look = () => snapshot(`http://127.0.0.1:${ports[0]}`, readFileSync(join(dataDir, "admin-key"), "utf8").trim());

  beforeAll(async () => {
    ports = await freePorts(2);
  });
  afterAll(async () => {
    await current?.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(
    "completes the scenario, does nothing twice, and has the same chain and records after every start",
    async () => {
      for (const moment of [/Deployed Registry/, /\[ *20\//, /\[ *95\//, /\[ *180\//]) {
        const killed = start();
        await killed.seen(moment);
        await killed.kill("SIGKILL");
      }
      await start().seen(READY);

      const first = await look();

      const scenario = loadScenario();
      const acts = (kind: string) => scenario.acts.filter((act) => act.kind === kind).length;
      expect(first.participants).toHaveLength(scenario.organisations.length);
      expect(first.batches).toHaveLength(scenario.batches.length);
      const market = (kind: string) => scenario.market.acts.filter((act) => act.kind === kind).length;
      // Deliveries to the exchange are transfers, and so is what comes back of it: the seller's of the settlement that fails.
      const moved = acts("transfer") + scenario.market.deliveries.length + market("failed-settlement");
      expect(first.transfers).toHaveLength(moved);
      expect(first.trades.filter(({ status }) => status === "failed")).toHaveLength(market("failed-settlement"));
      expect(first.trades.filter(({ status }) => status === "matched")).toEqual([]);
      expect(new Set(first.trades.map(({ mode }) => mode))).toEqual(
        new Set(["book", "put-through", "deal", "auction"]),
      );
      expect(first.retirements).toHaveLength(acts("retirement"));
      expect(first.cancellations).toHaveLength(acts("cancellation"));
      expect(first.operations.filter(({ status }) => status !== "final" && status !== "rejected")).toEqual([]);
      for (const batch of first.batches) {
        const rest = BigInt(batch.heldTonnes) + BigInt(batch.retiredTonnes) + BigInt(batch.cancelledTonnes);
        expect(rest).toBe(BigInt(batch.issuedTonnes));
      }
      expect(first.reconciliation.differences).toEqual([]);

      await current?.kill("SIGKILL");
      const last = start();
      await last.seen(READY);
      expect(await look()).toEqual(first);

      await last.kill("SIGINT");
      expect(await last.ended).toBe(0);
    },
    LONG,
  );
});
