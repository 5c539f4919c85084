import type { Db } from "../db/connection.js";
import type { OperationStatus, TransactionStatus } from "../db/inbox-tables.js";
import type { ProblemDocument } from "../errors.js";
import { findBlock, findIntent } from "../ledger/read/chain.js";
import { findAccount } from "../ledger/read/participants.js";
import { findTradeOperations } from "./trade-operations.js";
import { toView, VIEW_COLUMNS, type OperationView } from "./view.js";

/** What became of a transaction that carried the operation. `superseded`: another one, with the same nonce, was mined. */
export type CarriedOutcome = "pending" | "mined" | "reverted" | "superseded";

/** One step in the life of an operation. */
export interface StoryStep {
  /** `mined`: its transaction is in a block. `sent` may come several times: with other fees, or after another transaction took the nonce. */
  readonly step: "accepted" | "sent" | "mined" | "final" | "rejected";
  /** ISO 8601. Of `mined`: the block's own time. */
  readonly at: string;
  readonly txHash: string | null;
  readonly blockNumber: number | null;
  /** Of `sent`: what became of that transaction. */
  readonly outcome: CarriedOutcome | null;
  /** Of `rejected`: why. */
  readonly problem: ProblemDocument | null;
  readonly links: { readonly transaction: string | null };
}

export interface Story {
  readonly operation: OperationView;
  /** In the order in which they happened. */
  readonly steps: readonly StoryStep[];
}

const OUTCOMES: Readonly<Record<TransactionStatus, CarriedOutcome>> = {
  signed: "pending",
  final: "mined",
  failed: "reverted",
  superseded: "superseded",
};

/**
 * An intent that the chain has executed and that this service never took in: somebody else relayed it, or the inbox was lost.
 * @param hash The intent's. @returns undefined when the read model does not know it either
 */
export async function operationOnChain(db: Db, hash: string): Promise<OperationView | undefined> {
  const intent = await findIntent(db, hash);
  if (intent === null) return undefined;
  const [block, account] = await Promise.all([findBlock(db, intent.blockNumber), findAccount(db, intent.account)]);
  const at = new Date(Number(block?.timestamp ?? 0n) * 1_000);
  return toView({
    id: hash,
    kind: intent.kind,
    status: "final",
    account: intent.account,
    participant_id: account?.participantId ?? null,
    role: null,
    intent_hash: hash,
    tx_hash: intent.txHash,
    block_number: intent.blockNumber,
    result: { intentHash: hash },
    problem: null,
    created_at: at,
    updated_at: at,
  });
}

/** The whole life of an operation; undefined when neither the inbox nor the chain knows it. */
export async function readStory(db: Db, id: string): Promise<Story | undefined> {
  const own = await db.selectFrom("operations").select(VIEW_COLUMNS).where("id", "=", id).executeTakeFirst();
  const row = own ?? (await findTradeOperations(db, [id]))[0];
  const operation = row === undefined ? await operationOnChain(db, id) : toView(row);
  if (operation === undefined) return undefined;

  const steps: StoryStep[] = [];
  if (row !== undefined) steps.push(stepOf("accepted", operation.createdAt), ...(await sendings(db, id)));
  const { blockNumber, txHash, status } = operation;
  if (blockNumber !== null) {
    const block = await findBlock(db, BigInt(blockNumber));
    if (block !== null) {
      const at = new Date(Number(block.timestamp) * 1_000).toISOString();
      steps.push(stepOf("mined", at, { txHash, blockNumber }));
    }
  }
  if (isEnd(status)) {
    steps.push(stepOf(status, operation.updatedAt, { txHash, blockNumber, problem: operation.problem }));
  }
  return { operation, steps };
}

/** Each transaction that was signed for it. */
async function sendings(db: Db, id: string): Promise<StoryStep[]> {
  const rows = await db
    .selectFrom("transaction_operations")
    .innerJoin("transactions", "transactions.hash", "transaction_operations.tx_hash")
    .select(["hash", "status", "created_at", "block_number"])
    .where("operation_id", "=", id)
    .orderBy("seq")
    .execute();
  return rows.map((row) =>
    stepOf("sent", row.created_at.toISOString(), { txHash: row.hash, outcome: OUTCOMES[row.status] }),
  );
}

function stepOf(step: StoryStep["step"], at: string, rest: Partial<StoryStep> = {}): StoryStep {
  const { txHash = null, blockNumber = null, outcome = null, problem = null } = rest;
  const transaction = txHash === null ? null : `/v1/transactions/${txHash}`;
  return { step, at, txHash, blockNumber, outcome, problem, links: { transaction } };
}

function isEnd(status: OperationStatus): status is "final" | "rejected" {
  return status === "final" || status === "rejected";
}
