/** A block's header, of which the chain's engine signs the hash. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { itemsOf, readRlp, readRlpList, type RlpItem, rlpInteger, rlpList, rlpString } from "../chain/rlp.js";
import { numberOf } from "./bytes.js";

/** What a proof needs of a header. */
export interface Header {
  /** keccak-256 of the header as it stands: its block's hash, save where the engine leaves the seals out (see `qbftOf`). */
  readonly hash: Uint8Array;
  readonly parentHash: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly fields: readonly RlpItem[];
}

/** A header with the seals of its validators. */
export interface QbftHeader {
  /** The hash of the block, which knows of neither round nor seals. */
  readonly blockHash: Uint8Array;
  /** What each validator signed: the header with its round, without the seals. */
  readonly signedHash: Uint8Array;
  /** 65 bytes each: r, s, and a parity of 0 or 1. */
  readonly seals: readonly Uint8Array[];
}

const PLACES = { parentHash: 0, stateRoot: 3, number: 8, timestamp: 11, extraData: 12 } as const;
/** Of the first headers of all, and room for what later forks append. */
const [FEWEST_FIELDS, MOST_FIELDS] = [15, 32];
const [HASH_BYTES, NUMBER_BYTES] = [32, 8];
const [VANITY_BYTES, SEAL_BYTES, QBFT_ITEMS] = [32, 65, 5];
/** A number without leading zeros. IBFT 2.0, which looks alike, always writes all four bytes. */
const ROUND_BYTES = 4;

/** @throws RangeError for bytes that are no header */
export function readHeader(bytes: Uint8Array): Header {
  const fields = readRlpList(bytes);
  if (fields.length < FEWEST_FIELDS || fields.length > MOST_FIELDS)
    throw new RangeError("no header has so many fields");
  return {
    hash: keccak_256(bytes),
    parentHash: hashAt(fields, PLACES.parentHash),
    stateRoot: hashAt(fields, PLACES.stateRoot),
    number: quantityAt(fields, PLACES.number),
    timestamp: quantityAt(fields, PLACES.timestamp),
    fields,
  };
}

/**
 * The seals in the extra data of a QBFT header: RLP of [vanity, validators, vote, round, seals]. (Hyperledger Besu, `QbftExtraDataCodec`.)
 * @throws RangeError for extra data of another engine
 */
export function qbftOf({ fields }: Header): QbftHeader {
  const items = itemsOf(readRlp(stringAt(fields, PLACES.extraData)));
  const [vanity, validators, vote, round, seals] = items;
  if (items.length !== QBFT_ITEMS || !vanity || !validators || !vote || !round || !seals) {
    throw new RangeError("the extra data is not that of QBFT");
  }
  const isRound = !round.isList && round.content.length <= ROUND_BYTES && round.content[0] !== 0;
  if (vanity.isList || vanity.content.length !== VANITY_BYTES || !isRound) {
    throw new RangeError("the extra data is not that of QBFT");
  }
  const hashWith = (number: Uint8Array): Uint8Array => {
    const extra = rlpList([vanity.encoded, validators.encoded, vote.encoded, number, rlpList([])]);
    const encoded = fields.map((field, at) => (at === PLACES.extraData ? rlpString(extra) : field.encoded));
    return keccak_256(rlpList(encoded));
  };
  return {
    blockHash: hashWith(rlpInteger(0n)),
    signedHash: hashWith(round.encoded),
    seals: itemsOf(seals).map((seal) => {
      if (seal.isList || seal.content.length !== SEAL_BYTES) throw new RangeError("a seal does not have 65 bytes");
      return seal.content;
    }),
  };
}

function hashAt(fields: readonly RlpItem[], place: number): Uint8Array {
  const bytes = stringAt(fields, place);
  if (bytes.length !== HASH_BYTES) throw new RangeError(`field ${place} is no hash`);
  return bytes;
}

function quantityAt(fields: readonly RlpItem[], place: number): bigint {
  const bytes = stringAt(fields, place);
  if (bytes.length > NUMBER_BYTES || bytes[0] === 0) throw new RangeError(`field ${place} is no number`);
  return numberOf(bytes);
}

function stringAt(fields: readonly RlpItem[], place: number): Uint8Array {
  const field = fields[place];
  if (field === undefined || field.isList) throw new RangeError(`field ${place} is no string`);
  return field.content;
}
