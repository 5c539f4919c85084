import { keccak256OfText } from "./keccak.js";
import type { RawLog } from "./source.js";

/** First topic of `IRetirements.Retired`; a test holds it to the contract's interface. */
export const RETIRED_TOPIC = keccak256OfText(
  "Retired(uint256,address,uint256,uint32,uint64,(uint256,uint256,(uint64,uint64)[],string,string,bytes32,uint8,string,string,bytes2,uint32,uint32))",
);

/** In hex digits. */
const WORD = 64;
/** Where the order begins in the log's data, after participant, time and this word; and where it begins in the record. */
const ORDER_IN_LOG = word(3n * 32n);
const ORDER_IN_RECORD = word(5n * 32n);

/**
 * The record of a retirement as the contract hashes it: the ABI encoding of (id, account, participantId, retiredAt, order), see
 * `IRetirements`. It is put together from the log's own bytes, not decoded and encoded again: a text in it need not be valid UTF-8. The
 * parts of a dynamic tuple are placed relative to the tuple, so the order's bytes are the same in both.
 * @returns 0x and lower-case hex; undefined when the log is none of a retirement, or not encoded as Solidity does it
 */
export function retirementRecordBytes({ topics, data }: Pick<RawLog, "topics" | "data">): string | undefined {
  const [topic, id, account] = topics;
  const body = data.slice(2).toLowerCase();
  if (topic !== RETIRED_TOPIC || id === undefined || account === undefined) return undefined;
  if (body.slice(2 * WORD, 3 * WORD) !== ORDER_IN_LOG) return undefined;
  return `0x${id.slice(2)}${account.slice(2)}${body.slice(0, 2 * WORD)}${ORDER_IN_RECORD}${body.slice(3 * WORD)}`;
}

function word(value: bigint): string {
  return value.toString(16).padStart(WORD, "0");
}
