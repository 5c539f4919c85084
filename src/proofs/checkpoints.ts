import { bytesToHex } from "@noble/hashes/utils.js";
import { sql } from "kysely";

import type { ChainHeader } from "../chain/header.js";
import { recoverSigner } from "../chain/signature.js";
import type { Signers } from "../chain/signers.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import type { Logger } from "../logger.js";
import { createSweeper, type Sweeper } from "../sweeper.js";
import { checkpointDigest, type AuditDomain } from "../verify/attestation.js";
import { consistencyPath, rootFrom } from "../verify/merkle-log.js";
import {
  checkpointOf,
  missingRoles,
  newestComplete,
  newestRow,
  NO_CHECKPOINT,
  readCheckpoint,
  roleHolders,
  withSignatures,
  type CheckpointRole,
  type Row,
  type StoredCheckpoint,
} from "./checkpoint-store.js";
import { CheckpointConflictError, growLog, LEAVES_AT_ONCE, nodeReader, type LogEnd } from "./log-store.js";
import type { ProofNode } from "./node.js";
import { keepSignature, sign } from "./signing.js";

export interface CheckpointsOptions {
  readonly db: Db;
  readonly node: Pick<ProofNode, "header">;
  readonly signers: Signers;
  readonly domain: AuditDomain;
  /** Of the first contract. */
  readonly deployedAtBlock: bigint;
  /** Never more blocks between two checkpoints. */
  readonly blocks: number;
  /** Nor more seconds, when there are new blocks. */
  readonly seconds: number;
  readonly logger: Pick<Logger, "warn" | "error">;
}

/** That the log of one checkpoint goes on as that of a later one. */
export interface Consistency {
  readonly older: StoredCheckpoint;
  readonly newer: StoredCheckpoint;
  /** RFC 6962 §2.1.2, the lowest first. */
  readonly path: readonly string[];
}

export interface Checkpoints {
  /** Begins to make checkpoints when they are due. */
  start(): void;
  /** Ends after the one under way. */
  stop(): Promise<void>;
  /**
   * Attests all that the read model knows now, with a checkpoint at every interval on the way there, and lets the managed keys sign.
   * @returns the number of the newest. @throws Problem `proof-not-yet` when there is nothing to attest; CheckpointConflictError
   */
  make(): Promise<bigint>;
  /** The newest first. */
  list(page: PageRequest): Promise<Page<StoredCheckpoint>>;
  /** The newest that both roles have signed. @throws Problem `proof-not-yet` */
  latest(): Promise<StoredCheckpoint>;
  /** @throws Problem `not-found` */
  one(number: bigint): Promise<StoredCheckpoint>;
  /** @throws Problem `not-found`; `validation-failed` when the older is the newer */
  consistency(older: bigint, newer: bigint): Promise<Consistency>;
  /** Lets the managed keys sign what is missing. @returns the checkpoint as it is then */
  signed(stored: StoredCheckpoint): Promise<StoredCheckpoint>;
  /** Takes the signature of an institution that keeps its own key. @throws Problem `not-found`, `checkpoint-signature-invalid` */
  addSignature(number: bigint, role: CheckpointRole, signature: string): Promise<void>;
}

/** Checkpoints made at once: whoever waits for the last of very many is asked to come back. */
const MOST_AT_ONCE = 200;
/** How often is looked whether one is due, in milliseconds. */
const LOOK_EVERY = 1_000;

export function createCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { db, logger } = options;
  const sweeper: Sweeper = createSweeper({ name: "checkpoints", everyMs: LOOK_EVERY, run: sweep, logger });
  let startedAt = Date.now();
  let underWay: Promise<bigint> | null = null;

  /** One after the other; who asks meanwhile gets the next, which knows all that is known now. */
  async function make(): Promise<bigint> {
    while (underWay !== null) await underWay.catch(() => undefined);
    underWay = makeAll(options).finally(() => (underWay = null));
    return underWay;
  }

  async function sweep(): Promise<void> {
    const [last, head] = await Promise.all([newestRow(db), readHead(db)]);
    if (head === undefined) return;
    const lastBlock = last?.block_number ?? options.deployedAtBlock - 1n;
    const age = Date.now() - (last?.created_at.getTime() ?? startedAt);
    const isDue = head - lastBlock >= BigInt(options.blocks) || (head > lastBlock && age >= options.seconds * 1_000);
    if (!isDue) return;
    try {
      await make();
    } catch (error) {
      if (!(error instanceof CheckpointConflictError)) throw error;
      logger.error({ err: error }, "The chain contradicts what was attested: no checkpoint is made");
    }
  }

  return {
    start() {
      startedAt = Date.now();
      sweeper.start();
    },
    stop: () => sweeper.stop(),
    make,

    async list(page) {
      const rows = await readPage(
        db.selectFrom("checkpoints").selectAll(),
        [{ column: "number", kind: "int8" }],
        "desc",
        page,
        (row) => row,
      );
      return { items: await withSignatures(db, rows.items), next: rows.next };
    },

    async latest() {
      const found = await newestComplete(db);
      if (found !== null) return found;
      const [newest] = await withSignatures(
        db,
        [await newestRow(db)].filter((row) => row !== undefined),
      );
      throw new Problem("proof-not-yet", newest === undefined ? "There is no checkpoint yet." : missingText(newest));
    },

    one: (number) => readCheckpoint(db, number),

    async consistency(olderNumber, newerNumber) {
      if (olderNumber > newerNumber) {
        throw new Problem("validation-failed", "`from` must be the number of the older checkpoint.");
      }
      const [older, newer] = await Promise.all([readCheckpoint(db, olderNumber), readCheckpoint(db, newerNumber)]);
      const path = await consistencyPath(nodeReader(db), older.retirementCount, newer.retirementCount);
      return { older, newer, path: path.map((node) => `0x${bytesToHex(node)}`) };
    },

    signed: (stored) => sign(options, stored),

    async addSignature(number, role, given) {
      const signature = given.toLowerCase();
      const stored = await readCheckpoint(db, number);
      const signer = recoverSigner(stored.digest, signature);
      const holders = await roleHolders(db);
      if (signer === null || !holders.some((holder) => holder.role === role && holder.account === signer)) {
        throw new Problem("checkpoint-signature-invalid", `The signature is of no account that is a ${role} now.`);
      }
      if (stored.signatures.some((other) => other.role !== role && other.isHolder && other.signer === signer)) {
        throw new Problem("checkpoint-signature-invalid", `${signer} has signed in the other role.`);
      }
      if (missingRoles(stored).includes(role)) await keepSignature(db, number, { role, signer, signature });
    },
  };
}

async function makeAll(options: CheckpointsOptions): Promise<bigint> {
  const { db } = options;
  const head = await readHead(db);
  if (head === undefined) throw new Problem("proof-not-yet", "The service has not read the chain yet.");
  for (let made = 0; made < MOST_AT_ONCE; made++) {
    const last = await newestRow(db);
    const lastBlock = last?.block_number ?? options.deployedAtBlock - 1n;
    if (last !== undefined && lastBlock >= head) {
      await sign(options, await readCheckpoint(db, last.number));
      return last.number;
    }
    const limit = lastBlock + BigInt(options.blocks);
    const header = await options.node.header(limit < head ? limit : head);
    const number = await attestAll(options, header, last);
    if (number !== null) await sign(options, await readCheckpoint(db, number));
  }
  throw new Problem("proof-not-yet", "Checkpoints of the past are being made.");
}

/**
 * Attests a block. The log grows in transactions of their own while there are very many retirements, and with the checkpoint at last: each
 * looks whether the read model still has this very block, and so the very retirements up to it.
 * @returns the number; null when another process was faster
 */
async function attestAll({ db, domain }: CheckpointsOptions, header: ChainHeader, last: Row | undefined) {
  let end: LogEnd = { size: last?.retirement_count ?? 0n, block: (last?.block_number ?? -1n) + 1n };
  for (;;) {
    const step = await db.transaction().execute((trx) => attest(trx, domain, header, last, end));
    if (step === null || typeof step === "bigint") return step;
    end = step;
  }
}

/** @returns the number; how far the log is when there is more to append; null when another process was faster */
async function attest(
  trx: Db,
  domain: AuditDomain,
  header: ChainHeader,
  expected: Row | undefined,
  end: LogEnd,
): Promise<bigint | LogEnd | null> {
  // Readers are not in its way; another maker is.
  await sql`lock table checkpoints in share row exclusive mode`.execute(trx);
  const last = await newestRow(trx);
  if (last?.digest !== expected?.digest) return null;
  await checkChain(trx, header, last);
  const attested = last?.retirement_count ?? 0n;
  const count = await retirementsUpTo(trx, header.number);
  if (count - end.size > LEAVES_AT_ONCE) return await growLog(trx, attested, end, end.size + LEAVES_AT_ONCE);
  await growLog(trx, attested, end, count);
  const row = {
    number: (last?.number ?? 0n) + 1n,
    block_number: header.number,
    block_hash: header.hash,
    state_root: header.stateRoot,
    block_timestamp: header.timestamp,
    retirement_count: count,
    log_root: `0x${bytesToHex(await rootFrom(nodeReader(trx), count))}`,
    previous: last?.digest ?? NO_CHECKPOINT,
  };
  const digest = checkpointDigest(checkpointOf(row), domain);
  await trx
    .insertInto("checkpoints")
    .values({ ...row, digest })
    .execute();
  return row.number;
}

/** The read model and the node must speak of the same chain, and it must still have the block that was attested last. */
async function checkChain(trx: Db, header: ChainHeader, last: Row | undefined): Promise<void> {
  const numbers = [header.number, ...(last === undefined ? [] : [last.block_number])];
  const rows = await trx.selectFrom("blocks").select(["number", "hash"]).where("number", "in", numbers).execute();
  const hashes = new Map(rows.map(({ number, hash }) => [number, hash]));
  if (last !== undefined && hashes.get(last.block_number) !== last.block_hash) {
    throw new CheckpointConflictError(`Block ${last.block_number} is not the one of checkpoint ${last.number}`);
  }
  if (hashes.get(header.number) !== header.hash) {
    throw new Problem("proof-not-yet", `The chain's node and the read model differ about block ${header.number}.`);
  }
}

async function retirementsUpTo(db: Db, block: bigint): Promise<bigint> {
  const row = await db
    .selectFrom("retirements")
    .select("id")
    .where("block_number", "<=", block)
    .orderBy("block_number", "desc")
    .orderBy("log_index", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? 0n;
}

async function readHead(db: Db): Promise<bigint | undefined> {
  const row = await db.selectFrom("cursor").select("block_number").where("id", "=", 1).executeTakeFirst();
  return row?.block_number;
}

/** Why a pack cannot be given yet, for `proof-not-yet`. */
export function missingText(stored: StoredCheckpoint): string {
  const roles = missingRoles(stored).join(" and ");
  return `Checkpoint ${stored.number} lacks the signature of ${roles}.`;
}
