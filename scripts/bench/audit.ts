import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { audit, type AuditChain } from "../../src/audit/engine.js";
import { createBalancesReader } from "../../src/chain/audit-calls.js";
import { createLedgerReader } from "../../src/chain/ledger-reader.js";
import { eventSources, firstBlockOf } from "../../src/chain/manifest.js";
import { retirementOf } from "../../test/support/audit.js";
import { sourceOf } from "../../test/support/chain-source.js";
import { deployTestLedger, type TestLedger } from "../../test/support/ledger.js";
import type { Row } from "./table.js";

const EVENTS = 100_000;
/** Movements of one transaction; each is an event with its serial blocks. */
const MOVES = 400;
/** A transaction of movements is followed by so many retirements: certificates, records, burns. */
const RETIREMENTS = 8;
const FIRMS = 6;
const GAS = 16_000_000n;

/** `carbon audit` over a ledger of many events, and over the first half of the same. Linear: the time per event is the same. */
export async function auditRows(events = EVENTS): Promise<Row[]> {
  const ledger = await deployTestLedger();
  const half = await fill(ledger, events / 2);
  await fill(ledger, events / 2);
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

/** @returns the block after it */
async function fill(ledger: TestLedger, events: number): Promise<bigint> {
  const { firms, units, retirements } = ledger;
  const traders = firms.slice(0, FIRMS);
  for (const firm of traders) {
    if ((await ledger.participants.participantOf(firm)) === 0n) await ledger.admit(null, firm);
  }
  const batches: bigint[] = [];
  for (const recipient of traders) batches.push(await ledger.issueBatch({ recipient, tonnes: 1_000_000 }));
  const perRound = MOVES + 1 + RETIREMENTS * 5;
  for (let round = 0; round * perRound < events; round++) {
    const at = round % FIRMS;
    const [from, to, batch] = [traders[at], traders[(at + 1) % FIRMS], batches[at]];
    if (from === undefined || to === undefined || batch === undefined) throw new RangeError("There are six firms");
    const ids = Array.from({ length: MOVES }, () => batch);
    const amounts = Array.from({ length: MOVES }, (_, i) => 1 + (i % 3));
    await units.connect(from).safeBatchTransferFrom(from, to, ids, amounts, "0x", { gasLimit: GAS });
    for (let i = 0; i < RETIREMENTS; i++) await retirements.connect(to).retire(to, retirementOf(batch, 1n));
  }
  return BigInt(await ledger.ethers.provider.getBlockNumber());
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
