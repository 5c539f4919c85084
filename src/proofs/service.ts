import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

import type { ChainHeader } from "../chain/header.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Logger } from "../logger.js";
import { inclusionPath } from "../verify/merkle-log.js";
import { PACK_FORMAT, type ProofPack, type Seal, type TrustFile, type Verdict } from "../verify/types.js";
import {
  firstCompleteFrom,
  firstFrom,
  isComplete,
  newestComplete,
  newestCovering,
  type StoredCheckpoint,
} from "./checkpoint-store.js";
import { missingText, type Checkpoints } from "./checkpoints.js";
import { nodeReader } from "./log-store.js";
import type { ProofNode } from "./node.js";
import { furtherSlots, holdingSlot, retirementSlot } from "./slots.js";
import { readTrust, type TrustFacts } from "./trust.js";

export interface Proofs {
  /**
   * The proof pack of a retirement, byte for byte (RFC 8785).
   * @throws Problem `not-found`, `proof-not-yet`, `proof-unsupported`, `proof-header-unsupported`, `proof-state-pruned`
   */
  retirementPack(id: bigint): Promise<string>;
  /**
   * The proof pack of a holding as of a block; undefined: as of the newest checkpoint.
   * @throws Problem `as-of-future`, `as-of-too-early`, and as `retirementPack`
   */
  holdingPack(account: string, batch: string, block: bigint | undefined): Promise<string>;
  /**
   * The trust file; with the validators of a block, or of the newest that is known.
   * @throws Problem `as-of-future`, `as-of-too-early`, `proof-header-unsupported`
   */
  trust(block?: bigint): Promise<TrustFile>;
}

export interface ProofsOptions {
  readonly db: Db;
  readonly node: ProofNode;
  readonly checkpoints: Pick<Checkpoints, "make" | "signed">;
  readonly facts: TrustFacts;
  readonly deployedAtBlock: bigint;
  /** What everybody else will judge the pack by: none leaves the service that it refuses. */
  readonly verify: (pack: Uint8Array, trust: TrustFile) => Verdict;
  /** The validators that a header names; none where the engine has no seals. */
  readonly validatorsOf: (extraData: string) => readonly string[];
  readonly logger: Pick<Logger, "error">;
}

/** Headers between a block and its checkpoint that a pack carries at most. */
const MOST_DESCENDANTS = 1_000n;
/** Headers asked for at once. */
const HEADERS_AT_ONCE = 50n;

/** What a pack proves, with what the proof is made of. */
interface Claim {
  readonly contract: string;
  readonly subject: ProofPack["subject"];
  readonly header: ChainHeader;
  readonly slots: readonly string[];
  readonly seal: Seal;
}

export function createProofs(options: ProofsOptions): Proofs {
  const { db, node, facts } = options;

  async function trust(block?: bigint): Promise<TrustFile> {
    await checkBlock(options, block);
    const number = block ?? (await readHead(db));
    const header = number === undefined ? undefined : await node.header(number);
    return readTrust(db, facts, header === undefined ? [] : options.validatorsOf(header.extraData));
  }

  async function packOf({ contract, subject, header, slots, seal }: Claim): Promise<string> {
    const proof = await node.proof(contract, slots, header.number);
    const pack: ProofPack = {
      format: PACK_FORMAT,
      chainId: facts.chainId,
      contract: contract.toLowerCase(),
      subject,
      header: header.rlp,
      accountProof: proof.accountProof,
      storageProofs: proof.storageProof.map((slot) => slot.proof),
      seal,
    };
    const text = canonicalize(pack);
    if (text === undefined) throw new TypeError("A pack is a JSON object");
    // The validators of the pack's own block: who checks it must have the trust file of those.
    const validators = options.validatorsOf(header.extraData);
    const verdict = options.verify(utf8ToBytes(text), await readTrust(db, facts, validators));
    if (verdict.accepted) return text;
    // Either the node lies, or what this service kept is not what was attested: nobody should take the pack for a proof.
    const why = verdict.reasons.map(({ code, message }) => `${code}: ${message}`).join(" ");
    options.logger.error({ subject, checkpoint: seal, why }, "A proof pack that was made does not prove anything");
    throw new Problem("proof-unsupported", `The pack that can be made proves nothing. ${why}`.slice(0, 1_000));
  }

  return {
    trust,

    async retirementPack(id) {
      const row = await db
        .selectFrom("retirements")
        .select(["block_number", "tx_hash", "record_hash"])
        .where("id", "=", id)
        .executeTakeFirst();
      if (row === undefined) throw new Problem("not-found", `There is no retirement ${id}.`);
      const record = await node.record({ id, blockNumber: row.block_number, recordHash: row.record_hash });
      const subject = { kind: "retirement", record } as const;
      const slots = [retirementSlot(id)];
      const sealed = await sealedHeader(options, undefined);
      if (sealed !== null) {
        return packOf({ contract: facts.retirements, subject, header: sealed, slots, seal: { kind: "validators" } });
      }
      const stored = await checkpointOfRetirement(options, id);
      const { checkpoint } = stored;
      const [header, path] = await Promise.all([
        attestedHeader(node, stored),
        inclusionPath(nodeReader(db), id - 1n, stored.retirementCount),
      ]);
      const inclusion = {
        blockNumber: row.block_number.toString(),
        txHash: row.tx_hash,
        path: path.map((hash) => `0x${bytesToHex(hash)}`),
      };
      const signatures = signaturesOf(stored);
      return packOf({
        contract: facts.retirements,
        subject,
        header,
        slots,
        seal: { kind: "checkpoint", checkpoint, signatures, descendants: [], inclusion },
      });
    },

    async holdingPack(account, batch, block) {
      await checkBlock(options, block);
      const first = holdingSlot(account, batch);
      const subject = { kind: "holding", account: account.toLowerCase(), batch, slot: first } as const;
      const slotsAt = async (number: bigint): Promise<string[]> => {
        const { storageProof } = await node.proof(facts.units, [first], number);
        return [first, ...furtherSlots(account, batch, storageProof[0]?.value ?? 0n)];
      };
      const sealed = await sealedHeader(options, block);
      if (sealed !== null) {
        const slots = await slotsAt(sealed.number);
        return packOf({ contract: facts.units, subject, header: sealed, slots, seal: { kind: "validators" } });
      }
      const stored = await checkpointOfBlock(options, block);
      const asOf = block ?? stored.blockNumber;
      if (stored.blockNumber - asOf > MOST_DESCENDANTS) {
        throw new Problem("proof-not-yet", `No complete checkpoint is near block ${asOf}. ${describe(stored)}`);
      }
      const attested = await attestedHeader(node, stored);
      const headers = await headersBetween(node, asOf, attested);
      const header = headers[0] ?? attested;
      const descendants = headers.slice(1).map(({ rlp }) => rlp);
      const signatures = signaturesOf(stored);
      return packOf({
        contract: facts.units,
        subject,
        header,
        slots: await slotsAt(asOf),
        seal: { kind: "checkpoint", checkpoint: stored.checkpoint, signatures, descendants, inclusion: null },
      });
    },
  };
}

/** @throws Problem `as-of-future`, `as-of-too-early` */
async function checkBlock({ db, deployedAtBlock }: ProofsOptions, block: bigint | undefined): Promise<void> {
  if (block === undefined) return;
  const head = await readHead(db);
  if (block < deployedAtBlock) {
    throw new Problem("as-of-too-early", `The ledger began in block ${deployedAtBlock}.`);
  }
  if (head === undefined || block > head) {
    throw new Problem("as-of-future", `The service knows the chain up to block ${head ?? "none"}.`);
  }
}

/**
 * The header of a block, or of the newest that the service knows, when the chain's validators seal it; null when they do not, and a
 * checkpoint must vouch for it.
 */
async function sealedHeader(
  { db, node, validatorsOf }: ProofsOptions,
  block: bigint | undefined,
): Promise<ChainHeader | null> {
  const number = block ?? (await readHead(db));
  if (number === undefined) throw new Problem("proof-not-yet", "The service has not read the chain yet.");
  const header = await node.header(number);
  if (header.hash === header.rlpHash) return null;
  if (validatorsOf(header.extraData).length > 0) return header;
  const detail = `The header of block ${number} is sealed, and names no validators: the chain keeps them in a contract.`;
  throw new Problem("proof-header-unsupported", detail);
}

/** The newest complete checkpoint that has the retirement; made now when there is none. */
async function checkpointOfRetirement({ db, checkpoints }: ProofsOptions, id: bigint): Promise<StoredCheckpoint> {
  const newest = (await newestCovering(db, id)) ?? (await made(checkpoints, () => newestCovering(db, id)));
  const signed = isComplete(newest) ? newest : await checkpoints.signed(newest);
  if (isComplete(signed)) return signed;
  const earlier = await newestComplete(db, id);
  if (earlier === null) throw new Problem("proof-not-yet", missingText(signed));
  return earlier;
}

/** The first complete checkpoint at a block or later; made now when there is none. */
async function checkpointOfBlock(options: ProofsOptions, block: bigint | undefined): Promise<StoredCheckpoint> {
  const { db, checkpoints } = options;
  const find = (): Promise<StoredCheckpoint | null> =>
    block === undefined ? newestCovering(db, 0n) : firstFrom(db, block);
  const first = (await find()) ?? (await made(checkpoints, find));
  const signed = isComplete(first) ? first : await checkpoints.signed(first);
  if (isComplete(signed)) return signed;
  const other = block === undefined ? await newestComplete(db) : await firstCompleteFrom(db, block);
  if (other === null) throw new Problem("proof-not-yet", missingText(signed));
  return other;
}

async function made(
  checkpoints: Pick<Checkpoints, "make">,
  find: () => Promise<StoredCheckpoint | null>,
): Promise<StoredCheckpoint> {
  await checkpoints.make();
  const found = await find();
  if (found === null) throw new Problem("proof-not-yet", "The chain was reorganised just now.");
  return found;
}

async function attestedHeader(node: ProofNode, { blockNumber, checkpoint }: StoredCheckpoint): Promise<ChainHeader> {
  const header = await node.header(blockNumber);
  if (header.hash === checkpoint.blockHash) return header;
  throw new Problem(
    "proof-unsupported",
    `The chain's node has another block ${blockNumber} than checkpoint ${checkpoint.number}.`,
  );
}

/** Every header from `from` to the attested one, in order. */
async function headersBetween(node: ProofNode, from: bigint, attested: ChainHeader): Promise<ChainHeader[]> {
  const headers: ChainHeader[] = [];
  for (let start = from; start < attested.number; start += HEADERS_AT_ONCE) {
    const length = attested.number - start < HEADERS_AT_ONCE ? attested.number - start : HEADERS_AT_ONCE;
    const numbers = Array.from({ length: Number(length) }, (_, i) => start + BigInt(i));
    headers.push(...(await Promise.all(numbers.map((number) => node.header(number)))));
  }
  return [...headers, attested];
}

function signaturesOf({ signatures }: StoredCheckpoint): { readonly role: string; readonly signature: string }[] {
  return signatures.filter(({ isHolder }) => isHolder).map(({ role, signature }) => ({ role, signature }));
}

function describe({ number, blockNumber }: StoredCheckpoint): string {
  return `The first after it is ${number}, of block ${blockNumber}.`;
}

async function readHead(db: Db): Promise<bigint | undefined> {
  const row = await db.selectFrom("cursor").select("block_number").where("id", "=", 1).executeTakeFirst();
  return row?.block_number;
}
