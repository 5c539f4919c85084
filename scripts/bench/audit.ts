import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { audit, type AuditChain } from "../../src/audit/engine.js";
import { createBalancesReader } from "../../src/chain/audit-calls.js";
import { createLedgerReader } from "../../src/chain/ledger-reader.js";
import { eventSources, firstBlockOf } from "../../src/chain/manifest.js";
import { sourceOf } from "../../test/support/chain-source.js";
import { deployTestLedger, type TestLedger } from "../../test/support/ledger.js";
import { fillLedger } from "./ledger-events.js";
import type { Row } from "./table.js";

const EVENTS = 100_000;
const MIX = { moves: 400, retirements: 8 };

/** `carbon audit` over a ledger of many events, and over the first half of the same. Linear: the time per event is the same. */
export async function auditRows(events = EVENTS): Promise<Row[]> {
  const ledger = await deployTestLedger();
  const half = await fillLedger(ledger, events / 2, MIX);
  await fillLedger(ledger, events / 2, MIX);
  const chain = chainOf(ledger);
  await measure(ledger, chain, half / 4n);
  const first = await measure(ledger, chain, half);
  const whole = await measure(ledger, chain);
  const growth = whole.perEvent / first.perEvent;
  return [
    {
      measure: `audit of ${whole.events} events (${first.events}: ${first.seconds.toFixed(1)} s)`,
      ours: `${whole.seconds.toFixed(1)} s, ${Math.round(1e6 / whole.perEvent)} events/s`,
      limit: "per event ≤ 1.25 × half",
      holds: growth <= 1.25,
      ratio: growth.toFixed(2),
      other: `${whole.megabytes} MB against ${first.megabytes} MB resident`,
    },
  ];
}

function chainOf({ ethers: { provider }, manifest, chainId }: TestLedger): AuditChain {
  const contracts = eventSources(manifest);
  return {
    chainId: async () => chainId,
    source: sourceOf(provider),
    hasCode: async (address, block) => (await provider.getCode(address, block)).length > 2,
    reader: createLedgerReader(provider, contracts),
    balances: createBalancesReader(provider, contracts.Units),
  };
}

async function measure({ manifest }: TestLedger, chain: AuditChain, toBlock?: bigint) {
  const stateDir = await mkdtemp(join(tmpdir(), "audit-bench-"));
  try {
    const start = performance.now();
    const fromBlock = BigInt(firstBlockOf(manifest));
    const verdict = await audit({ chain, contracts: eventSources(manifest), fromBlock, toBlock, stateDir });
    const seconds = (performance.now() - start) / 1_000;
    if (verdict.verdict !== "clean") throw new Error(JSON.stringify(verdict.discrepancies[0]));
    const megabytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
    return { seconds, events: verdict.events, perEvent: (seconds * 1e6) / verdict.events, megabytes };
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}
