import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { leafHash, leafOf, nodeHash, type NodeReader } from "../verify/merkle-log.js";

/**
 * The chain as it is read now contradicts what was attested. Nothing more is attested until a person has found out why: a changed past
 * would show to everybody who kept an earlier checkpoint.
 */
export class CheckpointConflictError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CheckpointConflictError";
  }
}

/** Leaves of one transaction: a long one would keep everybody else from the database. */
export const LEAVES_AT_ONCE = 5_000n;
/** More levels than any log has. */
const LEVELS = 48;

interface Leaf {
  readonly id: bigint;
  readonly block_number: bigint;
  readonly tx_hash: string;
  readonly record_hash: string;
}

/** Reads the stored hashes of complete subtrees. Each call of it is one read by key. */
export function nodeReader(db: Db): NodeReader {
  return async (level, position) => {
    const row = await db
      .selectFrom("log_nodes")
      .select("hash")
      .where("level", "=", level)
      .where("position", "=", position)
      .executeTakeFirst();
    if (row === undefined) throw new CheckpointConflictError(`The log lacks its node ${level}/${position}`);
    return hexToBytes(row.hash.slice(2));
  };
}

/** How far a log goes. */
export interface LogEnd {
  readonly size: bigint;
  /** No further retirement may be of an earlier block. */
  readonly block: bigint;
}

/**
 * Appends the retirements `end.size + 1` to `to`, at most `LEAVES_AT_ONCE`, to the log that ends so. Costs `O(to − end.size)`, whatever the
 * log's size. To be called in the transaction that attests them, or before it: nodes beyond what is attested are nobody's yet, and are
 * written again by whoever begins anew.
 * @param attested How many were attested before. @returns the new end
 * @throws CheckpointConflictError when the retirements are not what the log says, or could not have come after it
 */
export async function growLog(trx: Db, attested: bigint, end: LogEnd, to: bigint): Promise<LogEnd> {
  const { size } = end;
  if (to < size) throw new CheckpointConflictError(`${size} retirements were attested, and there are ${to}`);
  if (to === size) return end;
  await checkLastLeaf(trx, attested);
  const waiting = await waitingNodes(trx, size);
  const leaves = await readLeaves(trx, size, to);
  if (BigInt(leaves.length) !== to - size) throw new CheckpointConflictError("A retirement is missing");
  const rows: { level: number; position: bigint; hash: string }[] = [];
  let { block } = end;
  for (const leaf of leaves) {
    if (leaf.block_number < block) {
      throw new CheckpointConflictError(`Retirement ${leaf.id} is older than what was attested before it`);
    }
    block = leaf.block_number;
    append(waiting, leaf, (level, position, hash) => {
      rows.push({ level, position, hash: `0x${bytesToHex(hash)}` });
    });
  }
  await sql`insert into log_nodes select * from json_populate_recordset(null::log_nodes, ${jsonText(rows)}::json)
    on conflict (level, position) do update set hash = excluded.hash`.execute(trx);
  return { size: to, block };
}

/** @param waiting By level: the complete subtree that waits for its right sibling. */
function append(
  waiting: (Uint8Array | undefined)[],
  leaf: Leaf,
  keep: (level: number, position: bigint, hash: Uint8Array) => void,
): void {
  let hash = hashOf(leaf);
  let position = leaf.id - 1n;
  let level = 0;
  keep(level, position, hash);
  while ((position & 1n) === 1n) {
    const left = waiting[level];
    if (left === undefined) throw new CheckpointConflictError(`The log lacks its node ${level}/${position - 1n}`);
    hash = nodeHash(left, hash);
    level += 1;
    position >>= 1n;
    keep(level, position, hash);
  }
  waiting[level] = hash;
}

/** The complete subtrees that a log of this size is made of, by level. */
async function waitingNodes(db: Db, size: bigint): Promise<(Uint8Array | undefined)[]> {
  const read = nodeReader(db);
  const nodes: (Uint8Array | undefined)[] = [];
  for (let level = 0; level < LEVELS; level++) {
    const position = size >> BigInt(level);
    if ((position & 1n) === 1n) nodes[level] = await read(level, position - 1n);
  }
  return nodes;
}

async function checkLastLeaf(db: Db, size: bigint): Promise<void> {
  if (size === 0n) return;
  const [leaf] = await readLeaves(db, size - 1n, size);
  const kept = await nodeReader(db)(0, size - 1n);
  if (leaf === undefined || bytesToHex(hashOf(leaf)) !== bytesToHex(kept)) {
    throw new CheckpointConflictError(`Retirement ${size} is not the one that was attested`);
  }
}

async function readLeaves(db: Db, after: bigint, to: bigint): Promise<Leaf[]> {
  return db
    .selectFrom("retirements")
    .select(["id", "block_number", "tx_hash", "record_hash"])
    .where("id", ">", after)
    .where("id", "<=", to)
    .orderBy("id")
    .execute();
}

function hashOf({ id, block_number, tx_hash, record_hash }: Leaf): Uint8Array {
  return leafHash(leafOf({ retirementId: id, blockNumber: block_number, txHash: tx_hash, recordHash: record_hash }));
}
