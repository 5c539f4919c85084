import { Problem } from "../errors.js";
import type { Db } from "./connection.js";

/** A request under an `Idempotency-Key`. */
export interface Idempotency {
  /** Whose key it is: two callers may use the same key. */
  readonly principal: string;
  readonly key: string;
  /** SHA-256 of method, path and canonical body: what "the same request" means. */
  readonly requestHash: string;
}

/**
 * The operation that this request became before; undefined when the key is new. Key and operation are written in one transaction
 * (see `operations/intake.ts`): both are there or neither is, whatever dies when.
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
