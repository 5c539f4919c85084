/** Who vouches for a block: the chain's validators in its header, or two institutions in a checkpoint. */
import { checkpointDigest } from "./attestation.js";
import { bytesOf, hexOf, isSame, Rejection } from "./bytes.js";
import { type Header, qbftOf, type QbftHeader, readHeader } from "./header.js";
import { leafOf, verifyInclusion } from "./merkle-log.js";
import { recoverAddress, recoverSealer } from "./signature.js";
import type { RetirementRecord } from "./record.js";
import type { ReasonCode, Seal, TrustFile } from "./types.js";

type CheckpointSeal = Extract<Seal, { readonly kind: "checkpoint" }>;

const FEWEST_ROLES = 2;
const SEAL_PARITY = 64;

/**
 * The hash of the block whose header this is, when those whom the trust file names vouch for it.
 * @param record Of a retirement, which must then be in the checkpoint's log; null for a holding.
 * @throws Rejection
 */
export function sealedHash(header: Header, seal: Seal, trust: TrustFile, record: RetirementRecord | null): string {
  if (seal.kind === "validators") return sealedByValidators(header, trust);
  checkLineage(header, seal);
  checkSignatures(seal, trust);
  checkInclusion(header, seal, record);
  return hexOf(header.hash);
}

/** At least two thirds, rounded up, of the validators that the trust file names; every seal must count, so that no byte is idle. */
function sealedByValidators(header: Header, { validators }: TrustFile): string {
  if (validators.length === 0) throw new Rejection("seal-missing", "The trust file names no validators.");
  const { blockHash, signedHash, seals } = qbftHeader(header);
  const needed = Math.ceil((2 * validators.length) / 3);
  if (seals.length < needed || seals.length > validators.length) {
    throw new Rejection(
      "quorum",
      `The header has ${seals.length} seals; ${needed} of ${validators.length} are needed.`,
    );
  }
  const sealers = seals.map((seal) => {
    const sealer = recoverSealer(signedHash, seal, seal[SEAL_PARITY] ?? -1);
    if (sealer === null) throw new Rejection("signature", "A seal of the header is no signature.");
    if (validators.includes(sealer)) return sealer;
    throw new Rejection("signature", `A seal of the header is from ${sealer}, whom the trust file does not know.`);
  });
  if (new Set(sealers).size !== sealers.length) {
    throw new Rejection("quorum", "A validator's seal is in the header twice.");
  }
  return hexOf(blockHash);
}

function qbftHeader(header: Header): QbftHeader {
  return orReject("seal-missing", "The header carries no seals of validators", () => qbftOf(header));
}

/** Two roles or more, each by a key that the trust file has for it, and no key for two of them. */
function checkSignatures({ checkpoint, signatures }: CheckpointSeal, trust: TrustFile): void {
  if (signatures.length < FEWEST_ROLES) {
    throw new Rejection("quorum", `The checkpoint has ${signatures.length} signatures; two roles must sign.`);
  }
  const roles = signatures.map(({ role }) => role);
  if (roles.some((role, at) => at > 0 && role <= (roles[at - 1] ?? ""))) {
    throw new Rejection("quorum", "The checkpoint's signatures are not of distinct roles in their order.");
  }
  const digest = orReject("signature", "The checkpoint cannot be signed", () =>
    checkpointDigest(checkpoint, { chainId: trust.chainId, contract: trust.contracts.retirements }),
  );
  const signers = signatures.map(({ role, signature }) => {
    const signer = recoverAddress(digest, signature);
    if (!trust.checkpointSigners.some((known) => known.role === role && known.address === signer)) {
      throw new Rejection("signature", `The trust file knows no ${role} who signed this checkpoint.`);
    }
    return signer;
  });
  if (new Set(signers).size !== signers.length) {
    throw new Rejection("quorum", "One key signed the checkpoint in two roles.");
  }
}

/** From the proven header on, each block names the one before it, up to the checkpoint's. */
function checkLineage(header: Header, { checkpoint, descendants }: CheckpointSeal): void {
  let last = header;
  for (const encoded of descendants) {
    const next = orReject("lineage", "A later header cannot be read", () => readHeader(bytesOf(encoded)));
    if (!isSame(next.parentHash, last.hash) || next.number !== last.number + 1n) {
      throw new Rejection("lineage", `Block ${next.number} does not follow block ${last.number}.`);
    }
    last = next;
  }
  const isCheckpoints =
    hexOf(last.hash) === checkpoint.blockHash &&
    hexOf(last.stateRoot) === checkpoint.stateRoot &&
    String(last.number) === checkpoint.blockNumber &&
    String(last.timestamp) === checkpoint.blockTimestamp;
  if (isCheckpoints) return;
  if (descendants.length > 0) throw new Rejection("lineage", "The headers do not lead to the checkpoint's block.");
  throw new Rejection("header-mismatch", "The header is not that of the checkpoint's block.");
}

function checkInclusion(
  header: Header,
  { checkpoint, inclusion }: CheckpointSeal,
  record: RetirementRecord | null,
): void {
  if (record === null) {
    if (inclusion === null) return;
    throw new Rejection("log-inclusion", "A holding has no place in the log of retirements.");
  }
  if (inclusion === null) throw new Rejection("log-inclusion", "The pack does not show the retirement in the log.");
  const retirementId = BigInt(record.retirementId);
  const size = BigInt(checkpoint.retirementCount);
  if (retirementId < 1n || retirementId > size) {
    throw new Rejection("log-inclusion", `Retirement ${retirementId} is not among the checkpoint's ${size}.`);
  }
  const blockNumber = BigInt(inclusion.blockNumber);
  if (blockNumber > header.number) {
    throw new Rejection("log-inclusion", "The log has the retirement in a later block than the one that proves it.");
  }
  const leaf = leafOf({ retirementId, blockNumber, txHash: inclusion.txHash, recordHash: record.recordHash });
  const path = inclusion.path.map(bytesOf);
  if (!verifyInclusion(leaf, retirementId - 1n, size, path, bytesOf(checkpoint.logRoot))) {
    throw new Rejection("log-inclusion", "The retirement is not in the log that the checkpoint attests.");
  }
}

/** Runs a reader of foreign bytes: whatever it throws becomes a refusal with its words. */
export function orReject<T>(code: ReasonCode, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Rejection) throw error;
    throw new Rejection(code, `${what}: ${error instanceof Error ? error.message : "unforeseen"}.`);
  }
}
