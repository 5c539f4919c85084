import type { LedgerEvent } from "../chain/event-types.js";
import type { Advance } from "../ledger/projector.js";
import type { BatchFacts, Facts, Standing, StateFacts, Subject } from "./facts.js";

/** What the read model says about the subjects of intents, in memory: the same few accounts and batches come again and again. */
export interface KnownFacts {
  /** The facts as of the last applied block; undefined when a part of them is not known. */
  of(subject: Subject): StateFacts | undefined;
  /** Keeps what was read, if it was read at the block that is the last one still. */
  remember(subject: Subject, facts: Facts): void;
}

/** Of each kind; beyond it all is forgotten and read anew. */
const MOST_KEPT = 20_000;

/** Events that change no fact. What is not named here, nor followed below, makes all be forgotten. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "TransferSingle",
  "TransferBatch",
  "BlocksMerged",
  "Retired",
  "Cancelled",
  "Transfer",
  "Locked",
  "IntentExecuted",
  "IntentFailed",
  "NonceRevoked",
  // Money and trades: neither are facts about units.
  "Minted",
  "RedemptionRequested",
  "RedemptionPaid",
  "UnitsDeposited",
  "CashDeposited",
  "UnitsWithdrawalRequested",
  "CashWithdrawalRequested",
  "WithdrawalCancelled",
  "UnitsWithdrawn",
  "CashWithdrawn",
  "TradeSettled",
  "TradeFailed",
  "OrderCancelled",
  "OrdersCancelledBefore",
  "DealCancelled",
]);

interface Holding {
  readonly heldTonnes: bigint;
  readonly frozenTonnes: bigint;
}

/**
 * Follows the projector: facts that were read at a block are carried on with the events of the next ones, so that they are those of the
 * last applied block at every moment. Where that cannot be told (a reorganisation, blocks that another process applied) all is forgotten.
 */
export function createKnownFacts(projector: {
  onAdvance(listener: (advance: Advance) => void): () => void;
}): KnownFacts {
  const standings = new Map<string, Standing | null>();
  const batches = new Map<string, BatchFacts | null>();
  const holdings = new Map<string, Holding>();
  let isEverythingPaused: boolean | undefined;
  let blockHash: string | undefined;

  function forget(): void {
    for (const map of [standings, batches, holdings]) map.clear();
    isEverythingPaused = undefined;
  }

  function move(account: string, batch: string, change: bigint): void {
    const key = keyOf(account, batch);
    const known = holdings.get(key);
    if (known !== undefined) holdings.set(key, { ...known, heldTonnes: known.heldTonnes + change });
  }

  function follow(event: LedgerEvent): void {
    if (event.name === "BlocksMoved") {
      const { batchId, from, to, blocks } = event.args;
      const tonnes = blocks.reduce((sum, { start, end }) => sum + BigInt(end) - BigInt(start) + 1n, 0n);
      move(from, batchId, -tonnes);
      move(to, batchId, tonnes);
    } else if (event.name === "Frozen") {
      const { account, tokenId, amount } = event.args;
      const known = holdings.get(keyOf(account, tokenId));
      if (known !== undefined) holdings.set(keyOf(account, tokenId), { ...known, frozenTonnes: BigInt(amount) });
    } else if (!WITHOUT_EFFECT.has(event.name)) {
      forget();
    }
  }

  projector.onAdvance(({ kind, position, events }) => {
    // Without events the blocks may be another process's, whose events nobody told.
    if (kind === "rolled-back" || events.length === 0) forget();
    for (const event of events) follow(event);
    ({ blockHash } = position);
  });

  return {
    of({ account, to, batch }) {
      const holder = standings.get(account);
      const receiver = to === null ? null : standings.get(to);
      const batchFacts = batch === null ? null : batches.get(batch);
      const holding = batch === null ? NOTHING : holdings.get(keyOf(account, batch));
      if (holder === undefined || receiver === undefined || batchFacts === undefined) return undefined;
      if (holding === undefined || isEverythingPaused === undefined) return undefined;
      return { holder, receiver, batch: batchFacts, ...holding, isEverythingPaused };
    },

    remember({ account, to, batch }, facts) {
      if (blockHash === undefined || facts.blockHash !== blockHash) return;
      if (Math.max(standings.size, batches.size, holdings.size) >= MOST_KEPT) forget();
      standings.set(account, facts.holder);
      if (to !== null) standings.set(to, facts.receiver);
      if (batch !== null) {
        batches.set(batch, facts.batch);
        const { heldTonnes, frozenTonnes } = facts;
        holdings.set(keyOf(account, batch), { heldTonnes, frozenTonnes });
      }
      ({ isEverythingPaused } = facts);
    },
  };
}

const NOTHING: Holding = { heldTonnes: 0n, frozenTonnes: 0n };

/** Neither has a space. */
function keyOf(account: string, batch: string): string {
  return `${account} ${batch}`;
}
