import type { LedgerReader } from "../chain/ledger-reader.js";
import type { SerialRange } from "../ledger/serial-partition.js";
import { CASH } from "./exchange-state.js";
import type { Finding } from "./findings.js";
import { explainHolding, type HoldingValue } from "./holding-findings.js";
import type { LedgerState } from "./ledger-state.js";
import { isAnswer } from "./patience.js";

/** Something that the logs say and the contracts can be asked for. */
export interface Check {
  /** What it is counted as. */
  readonly what: string;
  /** Whose logs can change it; null when any can. */
  readonly batch: string | null;
  /** What a state says: the one to be checked, or that of an earlier block. */
  readonly derive: (state: LedgerState) => unknown;
  readonly ask: (block: bigint) => Promise<unknown>;
  /** What it means that the two differ. */
  readonly explain: (expected: unknown, found: unknown) => readonly Finding[];
}

/** Everything about the present: units, money, positions. What is about the past is in `history-checks.ts`. */
export function* checksOf(state: LedgerState, reader: LedgerReader): Generator<Check> {
  yield* countChecks(reader);
  for (const [code, batch] of state.units.batches) {
    yield* totalChecks(code, reader);
    const blocks = batch.isBroken ? null : batch.blocksByAccount();
    for (const account of new Set([...batch.holdings.keys(), ...batch.frozen.keys()])) {
      yield holdingCheck(state, reader, { account, batch: code }, blocks === null ? null : (blocks.get(account) ?? []));
    }
  }
  yield* cashChecks(state, reader);
  yield* positionChecks(state, reader);
}

/**
 * One account's holding of one batch.
 * @param known Its serial blocks, when they are at hand; null when the batch's serials cannot be told.
 */
export function holdingCheck(
  final: LedgerState,
  reader: LedgerReader,
  { account, batch: code }: { readonly account: string; readonly batch: string },
  known?: readonly SerialRange[] | null,
): Check {
  const isBroken = final.units.batch(code).isBroken;
  const derive = (state: LedgerState): HoldingValue => {
    const batch = state.units.batches.get(code);
    const blocks = state === final && known !== undefined ? known : (batch?.blocksOf(account) ?? []);
    return {
      tonnes: batch?.holdings.get(account) ?? 0n,
      frozenTonnes: batch?.frozen.get(account) ?? 0n,
      blocks: isBroken ? null : blocks,
    };
  };
  return {
    what: "holdings",
    batch: code,
    derive,
    async ask(block): Promise<HoldingValue> {
      const [holding, blocks] = await Promise.all([
        reader.holding(account, code, block),
        isBroken ? null : reader.blocks(account, code, block),
      ]);
      return { ...holding, blocks };
    },
    explain: (expected, found) =>
      explainHolding(final.units.batch(code), { account, batch: code }, expected as HoldingValue, found),
  };
}

function* countChecks(reader: LedgerReader): Generator<Check> {
  const explain = (what: string) => (expected: unknown, found: unknown) => [
    { kind: "record-count", expected, found, detail: `the logs tell of ${String(expected)} ${what}` } as const,
  ];
  yield {
    what: "counts",
    batch: null,
    derive: ({ units }) => units.retirementCount,
    ask: (block) => reader.retirementCount(block),
    explain: explain("retirements"),
  };
  yield {
    what: "counts",
    batch: null,
    derive: ({ units }) => units.cancellationCount,
    ask: (block) => reader.cancellationCount(block),
    explain: explain("cancellations"),
  };
}

function* totalChecks(batch: string, reader: LedgerReader): Generator<Check> {
  yield {
    what: "totals",
    batch,
    derive: ({ units }) => {
      const { issued, retired, cancelled, holdings } = units.batch(batch);
      return { issuedTonnes: issued, heldTonnes: holdings.sum(), retiredTonnes: retired, cancelledTonnes: cancelled };
    },
    ask: (block) => reader.totals(batch, block),
    explain: (expected, found) => [{ kind: "totals", batch, expected, found, detail: `totals of ${batch}` }],
  };
  // What the registry never issued it does not know.
  yield {
    what: "issues",
    batch,
    derive: ({ units }) => units.batches.get(batch)?.announced ?? 0n,
    ask: async (block) => await issuedBy(reader, batch, block),
    explain: (expected, found) => [
      { kind: "totals", batch, expected, found, detail: `what the registry says it issued of ${batch}` },
    ],
  };
}

async function issuedBy(reader: LedgerReader, batch: string, block: bigint): Promise<bigint> {
  if (batch.startsWith("0x")) return 0n;
  try {
    return (await reader.batch(batch, block)).issuedTonnes;
  } catch (error) {
    if (isAnswer(error)) return 0n;
    throw error;
  }
}

/** All accounts, also those that the logs give nothing: money that no log tells of would be there. */
function* cashChecks(final: LedgerState, reader: LedgerReader): Generator<Check> {
  for (const account of new Set([...final.accounts, ...final.cash.balances.keys()])) {
    yield {
      what: "cashBalances",
      batch: null,
      derive: ({ cash }) => cash.balances.get(account),
      ask: (block) => reader.cashBalance(account, block),
      explain: (expected, found) => [
        { kind: "cash-balance", account, expected, found, detail: `money of ${account}, in minor units` },
      ],
    };
  }
  yield {
    what: "cashSupply",
    batch: null,
    derive: ({ cash }) => cash.supply(),
    ask: (block) => reader.cashSupply(block),
    explain: (expected, found) => [
      { kind: "cash-supply", expected, found, detail: "all the money that there is, in minor units" },
    ],
  };
}

function* positionChecks(final: LedgerState, reader: LedgerReader): Generator<Check> {
  for (const asset of final.exchange.assets()) {
    const batch = asset === CASH ? null : asset;
    const name = asset === CASH ? "money" : asset;
    const accounts = [...final.exchange.positionsOf(asset).keys()];
    for (const account of asset === CASH ? new Set([...final.accounts, ...accounts]) : accounts) {
      yield {
        what: "positions",
        batch: null,
        derive: ({ exchange }) => exchange.position(account, asset),
        ask: (block) => reader.position(account, asset, block),
        explain: (expected, found) => [
          { kind: "position", batch, account, expected, found, detail: `what the exchange owes ${account} of ${name}` },
        ],
      };
    }
    // INV-7: what the exchange holds is the sum of what it owes.
    yield {
      what: "owed",
      batch: null,
      derive: ({ exchange }) => ({ owed: exchange.owed(asset), held: exchange.owed(asset) }),
      ask: (block) => reader.exchangeAsset(asset, block),
      explain: (expected, found) => [
        { kind: "owed", batch, expected, found, detail: `what the exchange owes, and what it has, of ${name}` },
      ],
    };
  }
}
