/** The judgement of a proof pack, from its bytes up to who vouches for it. */
import { batchIdOf } from "../chain/codes.js";
import { itemsOf, readRlp } from "../chain/rlp.js";
import { bytesOf, hexOf, numberOf, Rejection } from "./bytes.js";
import { type Header, readHeader } from "./header.js";
import { readBlocks, readHead, tonnesOf } from "./holding.js";
import { readPack } from "./pack-schema.js";
import { readRecord, type RetirementRecord } from "./record.js";
import { orReject, sealedHash } from "./seals.js";
import { frozenSlot, holdingSlot, retirementSlot, tailSlot } from "./storage-slots.js";
import { readTrie } from "./trie.js";
import type { Facts, HoldingFacts, ProofPack, RetirementFacts, Subject, TrustFile } from "./types.js";

type HoldingSubject = Extract<Subject, { readonly kind: "holding" }>;
type HoldingFound = Omit<HoldingFacts, "blockNumber" | "blockHash">;

const ACCOUNT_ITEMS = 4;
const STORAGE_ROOT = 2;

/** What a pack proves. @param value Its JSON, canonical already. @throws Rejection */
export function provenBy(value: unknown, trust: TrustFile): Facts {
  const pack = orReject("not-a-pack", "The file is no proof pack", () => readPack(value, ""));
  checkPlace(pack, trust);
  const { subject } = pack;
  const header = orReject("header-mismatch", "The header cannot be read", () => readHeader(bytesOf(pack.header)));
  const storage = storageOf(pack, header);
  if (subject.kind === "holding") {
    const found = holdingIn(storage, subject);
    return { ...found, ...placeOf(header, sealedHash(header, pack.seal, trust, null)) };
  }
  const record = recordIn(storage, bytesOf(subject.record), header);
  const place = placeOf(header, sealedHash(header, pack.seal, trust, record));
  return { kind: "retirement", ...record, ...place, personConfirmed: null };
}

function checkPlace({ chainId, contract, subject }: ProofPack, { chainId: trusted, contracts }: TrustFile): void {
  if (chainId !== trusted) {
    throw new Rejection("wrong-chain", `The pack is of chain ${chainId}, the trust file of chain ${trusted}.`);
  }
  const expected = subject.kind === "retirement" ? contracts.retirements : contracts.units;
  if (contract !== expected) {
    throw new Rejection("wrong-contract", `The pack is of the contract ${contract}, the trust file has ${expected}.`);
  }
}

function placeOf(header: Header, blockHash: string): Pick<RetirementFacts, "blockNumber" | "blockHash"> {
  return { blockNumber: String(header.number), blockHash };
}

/** The contract's storage in the header's block. */
interface Storage {
  /** Proofs that the pack brings. */
  readonly count: number;
  /** What the slot has by the n-th proof: 0 when the proof shows that it has nothing. */
  read(n: number, slot: Uint8Array): bigint;
}

function storageOf(pack: ProofPack, header: Header): Storage {
  const account = orReject("account-proof", "The proof of the contract's account", () =>
    readTrie(header.stateRoot, bytesOf(pack.contract), pack.accountProof.map(bytesOf)),
  );
  if (account === null) throw new Rejection("account-proof", "In the header's block there is no such contract.");
  const root = orReject("account-proof", "The contract's account cannot be read", () => storageRootOf(account));
  return {
    count: pack.storageProofs.length,
    read(n, slot) {
      const nodes = pack.storageProofs[n];
      if (nodes === undefined)
        throw new Rejection("storage-proof", `The pack lacks the proof of storage number ${n + 1}.`);
      return orReject("storage-proof", `The proof of storage number ${n + 1}`, () => {
        const value = readTrie(root, slot, nodes.map(bytesOf));
        return value === null ? 0n : storedNumber(value);
      });
    },
  };
}

function storageRootOf(account: Uint8Array): Uint8Array {
  const items = itemsOf(readRlp(account));
  const root = items[STORAGE_ROOT];
  if (items.length !== ACCOUNT_ITEMS || root === undefined || root.isList) throw new RangeError("no account");
  return root.content;
}

/** A slot's value: RLP of the number without leading zeros. */
function storedNumber(value: Uint8Array): bigint {
  const { isList, content } = readRlp(value);
  if (isList || content.length > 32 || content.length === 0 || content[0] === 0)
    throw new RangeError("no stored number");
  return numberOf(content);
}

function recordIn(storage: Storage, bytes: Uint8Array, header: Header): RetirementRecord {
  const record = orReject("record-mismatch", "The record cannot be read", () => readRecord(bytes));
  checkCount(storage, 1);
  const stored = storage.read(0, retirementSlot(BigInt(record.retirementId)));
  if (stored !== BigInt(record.recordHash)) {
    throw new Rejection(
      "record-mismatch",
      `The contract does not have this record for retirement ${record.retirementId}.`,
    );
  }
  if (BigInt(record.retiredAt) > header.timestamp) {
    throw new Rejection("record-mismatch", "The record is later than the block that should prove it.");
  }
  return record;
}

function holdingIn(storage: Storage, { account, batch, slot }: HoldingSubject): HoldingFound {
  const batchId = batchIdOf(batch);
  const place = holdingSlot(account, batchId);
  if (hexOf(place) !== slot) {
    throw new Rejection("storage-proof", "The slot that the pack names is not that of this account and batch.");
  }
  const head = storage.read(0, place);
  const { tonnes, isMarked, tailWords } = readHead(head);
  const first = isMarked ? 2 : 1;
  checkCount(storage, BigInt(first) + tailWords);
  const frozen = isMarked ? storage.read(1, frozenSlot(account, batchId)) : 0n;
  const tails: bigint[] = [];
  for (let n = 0; n < Number(tailWords); n++) {
    tails.push(storage.read(first + n, tailSlot(account, batchId, BigInt(n))));
  }
  const blocks = readBlocks(head, tails);
  if (tonnesOf(blocks) !== tonnes) {
    throw new Rejection(
      "record-mismatch",
      `The contract says ${tonnes} tonnes, its serial blocks are ${tonnesOf(blocks)}.`,
    );
  }
  return { kind: "holding", account, batch, tonnes: String(tonnes), frozenTonnes: String(frozen), blocks };
}

function checkCount({ count }: Storage, needed: number | bigint): void {
  if (BigInt(count) === BigInt(needed)) return;
  throw new Rejection("storage-proof", `The pack has ${count} proofs of storage where ${needed} are needed.`);
}
