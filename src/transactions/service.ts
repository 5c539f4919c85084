import type { Connection } from "../chain/connection.js";
import { parseRawTransaction, RawTransactionError, type RawTransaction } from "../chain/outbox/payloads.js";
import type { Db } from "../db/connection.js";
import type { Idempotency } from "../db/idempotency.js";
import { Problem, problemDocument, type ProblemDocument } from "../errors.js";
import { shownEvent, type ShownEvent } from "../events/service.js";
import { findBlock, findTransaction } from "../ledger/read/chain.js";
import { findAccount } from "../ledger/read/participants.js";
import type { Operations } from "../operations/service.js";

/** A transaction, as the API shows it. */
export interface TransactionView {
  readonly hash: string;
  readonly from: string;
  readonly to: string | null;
  readonly nonce: number;
  readonly status: "pending" | "final" | "failed";
  readonly blockNumber: number | null;
  readonly timestamp: string | null;
  readonly gasUsed: bigint | null;
  readonly problem: ProblemDocument | null;
  readonly operations: readonly string[];
  readonly events: readonly ShownEvent[];
  readonly links: { readonly self: string };
}

export interface TransactionsOptions {
  readonly db: Db;
  readonly connection: Pick<Connection, "getTransaction" | "getReceipt">;
  readonly operations: Operations;
  readonly chainId: bigint;
  /** Addresses of the ledger's contracts, EIP-55. */
  readonly contracts: readonly string[];
}

export interface Transactions {
  /**
   * Takes a transaction that somebody else signed.
   * @returns the operation's id: the transaction's hash
   * @throws Problem `transaction-invalid`
   */
  send(raw: string, idempotency: Idempotency | undefined): Promise<string>;
  /** @throws Problem `not-found` when neither the chain nor this service knows it; ChainUnavailableError */
  get(hash: string): Promise<TransactionView>;
}

export function createTransactions(options: TransactionsOptions): Transactions {
  const { db, connection, operations, chainId } = options;
  const contracts = new Set(options.contracts);

  function parse(raw: string): RawTransaction {
    try {
      return parseRawTransaction(raw, chainId);
    } catch (error) {
      if (error instanceof RawTransactionError) throw new Problem("transaction-invalid", error.message);
      throw error;
    }
  }

  return {
    async send(raw, idempotency) {
      const { hash, sender, to, nonce } = parse(raw);
      if (to === null || !contracts.has(to)) {
        throw new Problem("transaction-invalid", "The transaction does not go to one of the ledger's contracts.");
      }
      const account = await findAccount(db, sender);
      return operations.accept({
        id: hash,
        kind: "raw",
        lane: "raw",
        account: sender,
        participantId: account?.participantId ?? null,
        request: { from: sender, to, nonce },
        payload: { raw },
        idempotency,
      });
    },

    async get(hash) {
      const sent = await findSent(db, hash);
      const [mined, receipt] = await Promise.all([connection.getTransaction(hash), connection.getReceipt(hash)]);
      const known = mined ?? (sent === undefined ? null : parseOwn(sent.raw, chainId));
      if (known === null) throw new Problem("not-found", `There is no transaction ${hash}.`);

      // Until the read model has the block, nothing that the transaction changed can be read here: it is not final to a reader.
      const block = receipt === null ? null : await findBlock(db, receipt.blockNumber);
      const isMined = receipt !== null && block !== null;
      const isFailed = isMined ? !receipt.succeeded : sent?.status === "superseded";
      const events = isMined ? ((await findTransaction(db, hash))?.events ?? []) : [];
      return {
        hash,
        from: known.from,
        to: known.to,
        nonce: Number(known.nonce),
        status: isFailed ? "failed" : isMined ? "final" : "pending",
        blockNumber: isMined ? Number(block.number) : null,
        timestamp: isMined ? new Date(Number(block.timestamp) * 1_000).toISOString() : null,
        gasUsed: isMined ? receipt.gasUsed : null,
        problem: isFailed ? (sent?.problem ?? problemOf(isMined)) : null,
        operations: sent?.operations ?? [],
        events: events.map(shownEvent),
        links: { self: `/v1/transactions/${hash}` },
      };
    },
  };
}

function parseOwn(raw: string, chainId: bigint): { from: string; to: string | null; nonce: bigint } {
  const { sender, to, nonce } = parseRawTransaction(raw, chainId);
  return { from: sender, to, nonce };
}

function problemOf(isMined: boolean): ProblemDocument {
  return problemDocument(new Problem(isMined ? "transaction-failed" : "transaction-superseded"));
}

interface SentTransaction {
  readonly raw: string;
  readonly status: string;
  readonly operations: readonly string[];
  /** Why the first operation was rejected, if it was. */
  readonly problem: ProblemDocument | null;
}

/** The transaction as this service signed it or passed it on; undefined when it did neither. */
async function findSent(db: Db, hash: string): Promise<SentTransaction | undefined> {
  const row = await db.selectFrom("transactions").select(["raw", "status"]).where("hash", "=", hash).executeTakeFirst();
  if (row === undefined) return undefined;
  const carried = await db
    .selectFrom("transaction_operations")
    .leftJoin("operations", "operations.id", "transaction_operations.operation_id")
    .leftJoin("trades", "trades.id", "transaction_operations.operation_id")
    .select((x) => ["operation_id as id", x.fn.coalesce("operations.problem", "trades.problem").as("problem")])
    .where("transaction_operations.tx_hash", "=", hash)
    .orderBy("transaction_operations.position")
    .execute();
  // The outbox wrote it from the error table.
  const problem = (carried[0]?.problem ?? null) as unknown as ProblemDocument | null;
  return { ...row, operations: carried.map(({ id }) => id), problem };
}
