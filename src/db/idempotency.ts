import type { Transaction } from "kysely";
import { Problem } from "../errors.js";
import type { Db } from "./connection.js";
import type { Database } from "./schema.js";

/** A request under an `Idempotency-Key`. */
export interface Idempotency {
  /** Whose key it is: two callers may use the same key. */
  readonly principal: string;
  readonly key: string;
  /** SHA-256 of method, path and canonical body: what "the same request" means. */
  readonly requestHash: string;
}

/**
 * The operation that this request became before; undefined when the key is new.
 * @throws Problem `idempotency-conflict` when the key stands for another request
 */
export async function findOperationByKey(db: Db, idempotency: Idempotency): Promise<string | undefined> {
  const row = await db
    .selectFrom("idempotency_keys")
    .select(["request_hash", "operation_id"])
    .where("principal", "=", idempotency.principal)
    .where("key", "=", idempotency.key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.request_hash !== idempotency.requestHash) throw new Problem("idempotency-conflict");
  return row.operation_id ?? undefined;
}

/**
 * Ties the key to the operation, in the transaction that accepts the operation: both are there or neither is, whatever dies when.
 * @throws Problem `idempotency-in-progress` when another request took the key meanwhile; repeated, it gets that one's answer
 */
export async function recordIdempotency(
  trx: Transaction<Database>,
  idempotency: Idempotency,
  operationId: string,
): Promise<void> {
  const inserted = await trx
    .insertInto("idempotency_keys")
    .values({
      principal: idempotency.principal,
      key: idempotency.key,
      request_hash: idempotency.requestHash,
      operation_id: operationId,
      status: null,
      response: null,
    })
    .onConflict((conflict) => conflict.columns(["principal", "key"]).doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) throw new Problem("idempotency-in-progress");
}
