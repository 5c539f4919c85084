import { parseHeader, type ChainHeader } from "../chain/header.js";
import { keccak256 } from "../chain/keccak.js";
import { retirementRecordBytes, RETIRED_TOPIC } from "../chain/record-bytes.js";
import { RpcError } from "../chain/rpc-errors.js";
import { parseLog, parseProof, type StorageProof } from "../chain/rpc-shapes.js";
import { Problem } from "../errors.js";

/** One JSON-RPC request. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** What proofs need of the chain's node. Every method may also throw as `Connection.request` does. */
export interface ProofNode {
  /** @throws Problem `proof-header-unsupported`, `proof-not-yet` */
  header(number: bigint): Promise<ChainHeader>;
  /** @throws Problem `proof-unsupported`, `proof-state-pruned` */
  proof(address: string, slots: readonly string[], block: bigint): Promise<StorageProof>;
  /** The record of a retirement as its bytes. @throws Problem `proof-unsupported` when the node does not have it as the hash says */
  record(place: { readonly id: bigint; readonly blockNumber: bigint; readonly recordHash: string }): Promise<string>;
}

/** Headers of which the hash is computed otherwise than over all their bytes. */
export type HashOfHeader = (rlp: string) => string | undefined;

const UNKNOWN_METHOD = -32_601;
const NO_METHOD = /method.*(not|unsupported|unknown)|not supported|unsupported|does not exist|not implemented/i;
const PRUNED =
  /missing trie node|pruned|prune|state.*(not available|unavailable|not found|missing)|historical state|too old|proof window|world state/i;
/** Slots of one request: some nodes refuse many. */
const SLOTS_AT_ONCE = 100;

/**
 * @param retirements The contract's address.
 * @param sealedHash The block's hash where it does not cover the seals of validators.
 */
export function createProofNode(ask: Ask, retirements: string, sealedHash: HashOfHeader): ProofNode {
  async function askProof(address: string, slots: readonly string[], block: bigint): Promise<StorageProof> {
    let answer: unknown;
    try {
      answer = await ask("eth_getProof", [address, slots, tag(block)]);
    } catch (error) {
      throw refusalOf(error, block);
    }
    try {
      const proof = parseProof(answer);
      if (proof.storageProof.length !== slots.length) throw new TypeError("not every slot is proven");
      return proof;
    } catch (cause) {
      throw unsupported(`The answer of \`eth_getProof\` is malformed: ${messageOf(cause)}.`, cause);
    }
  }

  return {
    async header(number) {
      const answer = await ask("eth_getBlockByNumber", [tag(number), false]);
      if (answer === null) throw new Problem("proof-not-yet", `The chain's node does not have block ${number}.`);
      let header: ChainHeader;
      try {
        header = parseHeader(answer);
      } catch (cause) {
        throw new Problem("proof-header-unsupported", `Block ${number}: ${messageOf(cause)}.`, {}, { cause });
      }
      if (header.hash !== header.rlpHash && header.hash !== sealedHash(header.rlp)) {
        throw new Problem("proof-header-unsupported", `The hash of block ${number} is not that of its header.`);
      }
      return header;
    },

    async proof(address, slots, block) {
      const proof = await askProof(address, slots.slice(0, SLOTS_AT_ONCE), block);
      const storageProof = [...proof.storageProof];
      for (let at = SLOTS_AT_ONCE; at < slots.length; at += SLOTS_AT_ONCE) {
        const more = await askProof(address, slots.slice(at, at + SLOTS_AT_ONCE), block);
        storageProof.push(...more.storageProof);
      }
      return { ...proof, storageProof };
    },

    async record({ id, blockNumber, recordHash }) {
      const topics = [RETIRED_TOPIC, `0x${id.toString(16).padStart(64, "0")}`];
      const place = { fromBlock: tag(blockNumber), toBlock: tag(blockNumber), address: retirements, topics };
      const answer = await ask("eth_getLogs", [place]);
      const record = recordIn(answer);
      if (record !== undefined && keccak256(record) === recordHash) return record;
      throw unsupported(`The chain's node does not have retirement ${id} in block ${blockNumber} as it was recorded.`);
    },
  };
}

function recordIn(answer: unknown): string | undefined {
  const [first, ...others] = Array.isArray(answer) ? (answer as unknown[]) : [];
  if (first === undefined || others.length > 0) return undefined;
  try {
    return retirementRecordBytes(parseLog(first));
  } catch {
    return undefined;
  }
}

/** What a node's refusal to prove means. */
function refusalOf(error: unknown, block: bigint): unknown {
  if (!(error instanceof RpcError)) return error;
  if (error.code === UNKNOWN_METHOD || NO_METHOD.test(error.message)) {
    return unsupported(`The chain's node does not answer \`eth_getProof\`: ${error.message}`, error);
  }
  if (PRUNED.test(error.message)) {
    const detail = `The chain's node has no state of block ${block} any more: ${error.message}`;
    return new Problem("proof-state-pruned", detail, {}, { cause: error });
  }
  return error;
}

function unsupported(detail: string, cause?: unknown): Problem {
  return new Problem("proof-unsupported", detail, {}, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tag(block: bigint): string {
  return `0x${block.toString(16)}`;
}
