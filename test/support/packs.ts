import { AbiCoder, keccak256 } from "ethers";
import canonicalize from "canonicalize";

import { batchIdOf } from "../../src/chain/codes.js";
import { rlpInteger, rlpList, rlpString } from "../../src/chain/rlp.js";
import { checkpointDigest } from "../../src/verify/attestation.js";
import { bytesOf, hexOf } from "../../src/verify/bytes.js";
import { readHead } from "../../src/verify/holding.js";
import { inclusionPath, leafHash, leafOf, nodeHash, type NodeReader, rootFrom } from "../../src/verify/merkle-log.js";
import { signWith } from "../../src/verify/signature.js";
import { frozenSlot, holdingSlot, retirementSlot, tailSlot } from "../../src/verify/storage-slots.js";
import { type Checkpoint, PACK_FORMAT, type ProofPack, TRUST_FORMAT, type TrustFile } from "../../src/verify/types.js";
import { addressOfKey } from "../../src/chain/signature.js";
import type { TestLedger } from "./ledger.js";

/** Keys of nobody: those who sign checkpoints and certificates in tests. */
export const TEST_KEYS = {
  registrar: new Uint8Array(32).fill(1),
  officer: new Uint8Array(32).fill(2),
  service: new Uint8Array(32).fill(3),
};
export const lowerAddressOf = (key: Uint8Array): string => addressOfKey(key).toLowerCase();

interface RpcBlock {
  readonly [field: string]: string | undefined;
}
interface RpcProof {
  readonly accountProof: string[];
  readonly storageProof: { readonly value: string; readonly proof: string[] }[];
}
type Changes = Partial<Record<keyof Checkpoint, string>>;

const HASHES = ["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"];
const NUMBERS = ["difficulty", "number", "gasLimit", "gasUsed", "timestamp"];
const LATER = ["baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot"];
const RETIRED_ORDER =
  "tuple(uint256,uint256,tuple(uint64,uint64)[],string,string,bytes32,uint8,string,string,bytes2,uint32,uint32)";

/** The header of a block as a node tells it. */
export function headerOf(block: RpcBlock): Uint8Array {
  const text = (name: string): Uint8Array => rlpString(bytesOf(block[name]!));
  const number = (name: string): Uint8Array => rlpInteger(BigInt(block[name]!));
  const later = LATER.filter((name) => block[name] !== undefined).map((name) =>
    /Root$/.test(name) ? text(name) : number(name),
  );
  const first = [...HASHES.map(text), ...NUMBERS.map(number), ...["extraData", "mixHash", "nonce"].map(text)];
  return rlpList([...first, ...later]);
}

export const bytesOfPack = (pack: unknown): Uint8Array => new TextEncoder().encode(canonicalize(pack));

/** Makes packs of a test's ledger by asking its node, without the service. */
export function createPackMaker({ ethers, addresses, chainId, retirements }: TestLedger) {
  const contract = addresses.Retirements.toLowerCase();
  const units = addresses.Units.toLowerCase();
  const domain = { chainId: String(chainId), contract };
  const roles = { "compliance-officer": TEST_KEYS.officer, registrar: TEST_KEYS.registrar };
  const trust: TrustFile = {
    format: TRUST_FORMAT,
    chainId: String(chainId),
    contracts: { retirements: contract, units },
    validators: [],
    checkpointSigners: Object.entries(roles).map(([role, key]) => ({ role, address: lowerAddressOf(key) })),
    service: [lowerAddressOf(TEST_KEYS.service)],
  };
  const ask = async <T>(method: string, ...params: unknown[]) => (await ethers.provider.send(method, params)) as T;
  const tag = (block: bigint | number): string => `0x${block.toString(16)}`;
  const block = (number: bigint | number) => ask<RpcBlock>("eth_getBlockByNumber", tag(number), false);
  const header = async (number: bigint | number) => hexOf(headerOf(await block(number)));
  const proof = (address: string, slots: Uint8Array[], at: bigint | number) =>
    ask<RpcProof>("eth_getProof", address, slots.map(hexOf), tag(at));

  /** Every retirement so far, as its log event tells it. */
  async function records() {
    const events = await retirements.queryFilter(retirements.filters.Retired());
    return events.map((event) => {
      const { retirementId, account, participantId, retiredAt, order } = event.args;
      const types = ["uint256", "address", "uint32", "uint64", RETIRED_ORDER];
      const values = [retirementId, account, participantId, retiredAt, order];
      const record = AbiCoder.defaultAbiCoder().encode(types, values);
      const { transactionHash: txHash } = event;
      return { retirementId, record, recordHash: keccak256(record), blockNumber: BigInt(event.blockNumber), txHash };
    });
  }

  function logOf(entries: Awaited<ReturnType<typeof records>>): NodeReader {
    const levels = [entries.map((entry) => leafHash(leafOf(entry)))];
    for (let below = levels[0]!; below.length > 1; below = levels.at(-1)!) {
      const pairs = Array.from({ length: below.length >> 1 }, (_, at) => nodeHash(below[2 * at]!, below[2 * at + 1]!));
      levels.push(pairs);
    }
    return async (level, position) => levels[level]![Number(position)]!;
  }

  function sign(checkpoint: Checkpoint) {
    const digest = checkpointDigest(checkpoint, domain);
    return Object.entries(roles).map(([role, key]) => ({ role, signature: signWith(digest, key) }));
  }

  async function seal(provenAt: bigint, checkpointAt: bigint, id: bigint | null, changes: Changes) {
    const { hash, stateRoot, timestamp } = await block(checkpointAt);
    const entries = (await records()).filter(({ blockNumber }) => blockNumber <= checkpointAt);
    const [log, size] = [logOf(entries), BigInt(entries.length)];
    const checkpoint: Checkpoint = {
      number: "1",
      blockNumber: String(checkpointAt),
      blockHash: hash!,
      stateRoot: stateRoot!,
      blockTimestamp: String(Number(timestamp)),
      retirementCount: String(size),
      logRoot: hexOf(await rootFrom(log, size)),
      previous: `0x${"00".repeat(32)}`,
      ...changes,
    };
    const descendants: string[] = [];
    for (let number = provenAt + 1n; number <= checkpointAt; number++) descendants.push(await header(number));
    const entry = entries.find(({ retirementId }) => retirementId === id);
    const inclusion = entry && {
      blockNumber: String(entry.blockNumber),
      txHash: entry.txHash,
      path: (await inclusionPath(log, entry.retirementId - 1n, size)).map(hexOf),
    };
    return {
      kind: "checkpoint" as const,
      checkpoint,
      signatures: sign(checkpoint),
      descendants,
      inclusion: inclusion ?? null,
    };
  }

  return {
    trust,
    domain,
    ask,
    header,
    records,
    sign,

    /** @param changes What the checkpoint says otherwise than the truth. */
    async retirement(id: bigint, provenAt: bigint, checkpointAt = provenAt, changes: Changes = {}): Promise<ProofPack> {
      const { record } = (await records()).find(({ retirementId }) => retirementId === id)!;
      const { accountProof, storageProof } = await proof(contract, [retirementSlot(id)], provenAt);
      return {
        format: PACK_FORMAT,
        chainId: String(chainId),
        contract,
        subject: { kind: "retirement", record },
        header: await header(provenAt),
        accountProof,
        storageProofs: storageProof.map((found) => found.proof),
        seal: await seal(provenAt, checkpointAt, id, changes),
      };
    },

    async holding(holder: string, batch: string, provenAt: bigint, checkpointAt = provenAt): Promise<ProofPack> {
      const [account, batchId] = [holder.toLowerCase(), batchIdOf(batch)];
      const first = holdingSlot(account, batchId);
      const head = await proof(units, [first], provenAt);
      const { isMarked, tailWords } = readHead(BigInt(head.storageProof[0]!.value));
      const slots = [first];
      if (isMarked) slots.push(frozenSlot(account, batchId));
      for (let place = 0n; place < tailWords; place++) slots.push(tailSlot(account, batchId, place));
      const { accountProof, storageProof } = await proof(units, slots, provenAt);
      return {
        format: PACK_FORMAT,
        chainId: String(chainId),
        contract: units,
        subject: { kind: "holding", account, batch, slot: hexOf(first) },
        header: await header(provenAt),
        accountProof,
        storageProofs: storageProof.map((found) => found.proof),
        seal: await seal(provenAt, checkpointAt, null, {}),
      };
    },
  };
}
export type PackMaker = ReturnType<typeof createPackMaker>;

/** A few retirements and holdings of all kinds. `cut` is in many blocks and partly frozen; the second firm holds nothing. */
export async function proofLedger(ledger: TestLedger) {
  const { units, retirements, firms, admit, issueBatch } = ledger;
  const [holder, other] = [firms[0]!, firms[1]!];
  await admit("0100000001", holder);
  await admit("0100000002", other);
  const plain = await issueBatch({ code: "VN-1-2024", tonnes: 1_000, recipient: holder });
  const cut = await issueBatch({ code: "VN-2-2024", tonnes: 1_000, recipient: holder });
  for (let n = 0n; n < 12n; n++) {
    const serial = 10n + n * 20n;
    await units.connect(holder).transfer(holder, other, cut, 5, [{ start: serial, end: serial + 4n }]);
  }
  await units.setFrozenTokens(holder, cut, 17);
  const order = {
    batchId: plain,
    tonnes: 5n,
    blocks: [],
    beneficiary: "Cảng Đà Nẵng",
    beneficiaryId: "0400101972",
    beneficiaryCommitment: `0x${"00".repeat(32)}`,
    purpose: 0,
    reason: "Scope 1 emissions of 2025",
    details: "Statement 12",
    consumptionCountry: "0x564e",
    consumptionPeriodStart: 20_089,
    consumptionPeriodEnd: 20_453,
  };
  const retire = (changes: Partial<typeof order>) =>
    retirements.connect(holder).retire(holder, { ...order, ...changes });
  for (let n = 0n; n < 5n; n++) await retire({ tonnes: 1n + n });
  return { holder, other, plain, cut, order, retire };
}
