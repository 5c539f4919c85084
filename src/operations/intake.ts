import { sql, type Transaction } from "kysely";

import { isDatabaseUnavailable, type Db } from "../db/connection.js";
import type { Idempotency } from "../db/idempotency.js";
import type { JsonObject, Lane } from "../db/inbox-tables.js";
import { jsonText } from "../db/json.js";
import type { Database } from "../db/schema.js";
import { Problem } from "../errors.js";

/** What a service hands over to be done. JSON may hold bigints: they become decimal strings. */
export interface NewOperation {
  /** The hash of a signed intent or raw transaction (the same again is the same operation); a UUID version 7 for anything else. */
  readonly id: string;
  readonly kind: string;
  readonly lane: Lane;
  /** EIP-55. */
  readonly account?: string | null;
  readonly participantId?: number | null;
  readonly role?: string | null;
  /** What was asked, for people to read. */
  readonly request: object;
  /** See `chain/outbox/payloads.ts` for each lane's. */
  readonly payload: object;
  readonly intentHash?: string | null;
  /** Written together with the operation. */
  readonly idempotency?: Idempotency | undefined;
  /** Documents whose hashes the operation puts on the chain; written together with it. */
  readonly documents?: readonly NewDocument[];
}

export interface NewDocument {
  /** keccak-256 of `canonical`, lower-case hex. */
  readonly hash: string;
  readonly kind: string;
  readonly body: JsonObject;
  /** RFC 8785 canonical JSON. */
  readonly canonical: string;
}

/** The most operations in one commit; what arrives meanwhile goes into the next. */
const GROUP_LIMIT = 500;

interface Waiting {
  readonly operation: NewOperation;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Writes accepted operations in groups: while one group is being committed the next one collects, so that a commit, the dearest part of
 * an acceptance, is shared by all that came in the meantime.
 * @returns Accepts one operation; resolves after its group is committed.
 */
export function createIntake(db: Db): (operation: NewOperation) => Promise<void> {
  const queue: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    // All that arrive in this turn of the event loop belong to the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await commitGroup(db, queue.splice(0, GROUP_LIMIT));
    isRunning = false;
  }

  return (operation) =>
    new Promise((resolve, reject) => {
      queue.push({ operation, resolve, reject });
      if (!isRunning) void run();
    });
}

async function commitGroup(db: Db, group: readonly Waiting[]): Promise<void> {
  try {
    const refused = await db.transaction().execute((trx) =>
      insertOperations(
        trx,
        group.map(({ operation }) => operation),
      ),
    );
    for (const waiting of group) {
      if (refused.has(waiting.operation)) waiting.reject(new Problem("idempotency-in-progress"));
      else waiting.resolve();
    }
  } catch (error) {
    if (group.length === 1 || isDatabaseUnavailable(error)) {
      for (const waiting of group) waiting.reject(error);
      return;
    }
    // One that the database cannot take (a zero character in a text) must not refuse its neighbours.
    for (const waiting of group) await commitGroup(db, [waiting]);
  }
}

/**
 * Writes operations inside a transaction of the caller, who tells the outbox after the commit. An operation that is there already stays
 * as it is.
 * @returns The operations that were not written, because another request took their idempotency key meanwhile.
 */
export async function insertOperations(
  trx: Transaction<Database>,
  operations: readonly NewOperation[],
): Promise<ReadonlySet<NewOperation>> {
  const refused = await insertKeys(trx, operations);
  const accepted = operations.filter((operation) => !refused.has(operation));
  await insertDocuments(
    trx,
    accepted.flatMap((operation) => operation.documents ?? []),
  );
  if (accepted.length === 0) return refused;

  const rows = accepted.map((operation, place) => ({
    place,
    id: operation.id,
    kind: operation.kind,
    lane: operation.lane,
    account: operation.account ?? null,
    participant_id: operation.participantId ?? null,
    role: operation.role ?? null,
    request: operation.request,
    payload: operation.payload,
    intent_hash: operation.intentHash ?? null,
  }));
  // One parameter whatever the number of rows: both drivers are slow with thousands of them.
  await sql`
    insert into operations (id, kind, lane, account, participant_id, role, request, payload, intent_hash)
    select id, kind, lane, account, participant_id, role, request, payload, intent_hash
    from jsonb_to_recordset(${jsonText(rows)}::text::jsonb)
      as row(id text, kind text, lane text, account text, participant_id int, role text, request jsonb, payload jsonb,
        intent_hash text, place int)
    order by place
    on conflict do nothing`.execute(trx);
  return refused;
}

async function insertKeys(
  trx: Transaction<Database>,
  operations: readonly NewOperation[],
): Promise<ReadonlySet<NewOperation>> {
  const nameOf = ({ principal, key }: { principal: string; key: string }): string => `${principal} ${key}`;
  const keyed = operations.flatMap((operation) => {
    const { idempotency } = operation;
    return idempotency === undefined ? [] : [{ operation, idempotency, name: nameOf(idempotency) }];
  });
  // Within a group, too, the first request takes the key.
  const firsts = new Map(keyed.toReversed().map((entry) => [entry.name, entry]));
  if (firsts.size === 0) return new Set();

  const inserted = await trx
    .insertInto("idempotency_keys")
    .values(
      [...firsts.values()].map(({ operation, idempotency }) => ({
        principal: idempotency.principal,
        key: idempotency.key,
        request_hash: idempotency.requestHash,
        operation_id: operation.id,
        status: null,
      })),
    )
    .onConflict((conflict) => conflict.columns(["principal", "key"]).doNothing())
    .returning(["principal", "key"])
    .execute();
  const taken = new Set(inserted.map(nameOf));
  return new Set(
    keyed.filter((entry) => firsts.get(entry.name) !== entry || !taken.has(entry.name)).map((entry) => entry.operation),
  );
}

async function insertDocuments(trx: Transaction<Database>, documents: readonly NewDocument[]): Promise<void> {
  if (documents.length === 0) return;
  await trx
    .insertInto("documents")
    .values(documents.map((document) => ({ ...document, body: jsonText(document.body) })))
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
}
