import type { Engine, Outcome } from "./engine.js";
import { RPC_CODES, RpcRefusal } from "./errors.js";
import type { Journal, OutcomesRecord } from "./journal.js";
import { JournalSyncError } from "./journal.js";
import type { SignedTransaction } from "./signed-transaction.js";
import { decodeSignedTransaction } from "./signed-transaction.js";

/** Transactions that share one fsync. */
const MAX_GROUP = 256;
const MAX_GROUP_CHARACTERS = 4 * 1024 * 1024;
/** Transactions that may wait for their turn. */
const MAX_QUEUE = 10_000;

export interface Sequencer {
  /** Writes the transaction down, runs it, and answers its hash. @throws RpcRefusal */
  submit(raw: unknown): Promise<string>;
  /** Resolves when nothing waits any more; refuses new transactions from now on. */
  close(): Promise<void>;
}

export interface SequencerOptions {
  readonly engine: Engine;
  readonly journal: Journal;
  /** Transactions already in the journal. */
  readonly sequence: number;
  /** Unix seconds. */
  readonly now: () => number;
  /** A reason why no more transactions are taken, or null. */
  readonly refusal: () => string | null;
  /** The journal can no longer be trusted: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

interface Waiting {
  readonly transaction: SignedTransaction;
  readonly resolve: (hash: string) => void;
  readonly reject: (error: Error) => void;
}

/** Runs transactions one after the other: check, write down, sync, run. What waits meanwhile shares the next sync. */
export async function createSequencer(options: SequencerOptions): Promise<Sequencer> {
  const { engine, journal } = options;
  const queue: Waiting[] = [];
  let sequence = options.sequence;
  let timestamp = await engine.lastTimestamp();
  let working: Promise<void> | null = null;
  let isClosed = false;

  async function work(): Promise<void> {
    while (queue.length > 0) {
      const group = await admit(engine, takeGroup(queue));
      if (group.length === 0) continue;

      timestamp = Math.max(timestamp, options.now());
      const first = sequence;
      try {
        const items = group.map(({ transaction }) => [timestamp, transaction.raw] as const);
        await journal.append({ kind: "transactions", first, items }, { sync: true });
      } catch (error) {
        if (error instanceof JournalSyncError) throw error;
        for (const { reject } of group) reject(new RpcRefusal(RPC_CODES.internal, "The journal cannot be written"));
        continue;
      }
      sequence += group.length;

      const outcomes: Promise<Outcome>[] = [];
      for (const { transaction, resolve, reject } of group) {
        const { result, outcome } = await engine.execute(timestamp, transaction.raw);
        outcomes.push(outcome);
        if (typeof result === "string") resolve(result);
        else reject(new RpcRefusal(result.code, result.message));
      }
      await journal.append(toRecord(first, await Promise.all(outcomes)), { sync: false });
    }
  }

  function wake(): void {
    working ??= work()
      .catch(options.onFatal)
      .finally(() => {
        working = null;
        if (queue.length > 0) wake();
      });
  }

  return {
    submit: async (raw) => {
      const reason = isClosed ? "The node is stopping" : options.refusal();
      if (reason !== null) throw new RpcRefusal(RPC_CODES.limitExceeded, reason);
      if (queue.length >= MAX_QUEUE)
        throw new RpcRefusal(RPC_CODES.limitExceeded, "Too many transactions wait already");

      const transaction = decodeSignedTransaction(raw);
      checkStatically(engine, transaction);
      return await new Promise<string>((resolve, reject) => {
        queue.push({ transaction, resolve, reject });
        wake();
      });
    },

    close: async () => {
      isClosed = true;
      while (working !== null) await working;
    },
  };
}

export function toRecord(first: number, outcomes: readonly Outcome[]): OutcomesRecord {
  return {
    kind: "outcomes",
    first,
    items: outcomes.map((o) => (o.kind === "mined" ? ([o.blockNumber, o.blockHash] as const) : null)),
  };
}

function takeGroup(queue: Waiting[]): Waiting[] {
  let characters = 0;
  let count = 0;
  for (const { transaction } of queue.slice(0, MAX_GROUP)) {
    characters += transaction.raw.length;
    if (count > 0 && characters > MAX_GROUP_CHARACTERS) break;
    count += 1;
  }
  return queue.splice(0, count);
}

/** Refuses what the engine would refuse anyway, so that the journal holds no dead weight. */
function checkStatically(engine: Engine, { chainId, gasLimit, intrinsicGas }: SignedTransaction): void {
  if (chainId !== BigInt(engine.chainId)) {
    throw refused(`The transaction is for chain ${chainId}, this is chain ${engine.chainId}`);
  }
  // A block that is more than half full would raise the base fee (EIP-1559), and nobody here holds money for gas.
  const limit = engine.blockGasLimit / 2n;
  if (gasLimit > limit) throw refused(`Gas limit ${gasLimit} exceeds ${limit}`);
  if (gasLimit < intrinsicGas) throw refused(`Intrinsic gas too low: ${intrinsicGas} needed, gas limit ${gasLimit}`);
}

/** Checks each transaction against the state that those before it in the group will leave; refuses and drops the others. */
async function admit(engine: Engine, group: readonly Waiting[]): Promise<Waiting[]> {
  const nonces = new Map<string, bigint>();
  const admitted: Waiting[] = [];
  for (const waiting of group) {
    const { sender, nonce, maxCost } = waiting.transaction;
    try {
      const expected = nonces.get(sender) ?? (await ask(engine, "eth_getTransactionCount", sender));
      if (nonce !== expected) {
        throw refused(
          `Nonce too ${nonce < expected ? "low" : "high"}: ${sender} is at ${expected}, the transaction has ${nonce}`,
        );
      }
      if (maxCost > 0n && maxCost > (await ask(engine, "eth_getBalance", sender))) {
        throw refused(`Insufficient funds: the transaction may cost ${maxCost} wei`);
      }
      nonces.set(sender, nonce + 1n);
      admitted.push(waiting);
    } catch (error) {
      waiting.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return admitted;
}

async function ask(engine: Engine, method: string, address: string): Promise<bigint> {
  return BigInt(String(await engine.request(method, [address, "latest"])));
}

function refused(message: string): RpcRefusal {
  return new RpcRefusal(RPC_CODES.refused, message);
}
