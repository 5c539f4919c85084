/**
 * What checkpoints, manifests and certificates are signed by: EIP-712 digests, written out for their three types, so that a reader can
 * hold each line against the type above it.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { CertificateSeal, Checkpoint, ExportManifest } from "./types.js";

/** What a signature is bound to. */
export interface AuditDomain {
  readonly chainId: string;
  /** Of `Retirements`. */
  readonly contract: string;
}

export const AUDIT_DOMAIN_NAME = "CarbonLedger Audit";
export const AUDIT_DOMAIN_VERSION = "1";

const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
export const CHECKPOINT_TYPE =
  "Checkpoint(uint64 number,uint64 blockNumber,bytes32 blockHash,bytes32 stateRoot,uint64 blockTimestamp,uint64 retirementCount,bytes32 logRoot,bytes32 previous)";
export const MANIFEST_TYPE =
  "ExportManifest(string id,string subject,string fileFormat,string query,uint64 blockNumber,bytes32 blockHash,uint64 rows,uint64 bytes,bytes32 sha256,uint64 finishedAt)";
export const SEAL_TYPE = "CertificateSeal(bytes32 digest,uint256 retirementId)";

/** What both roles sign: 0x and lower-case hex. @throws RangeError for a member that does not fit its type */
export function checkpointDigest(checkpoint: Checkpoint, domain: AuditDomain): string {
  return digestOf(domain, CHECKPOINT_TYPE, [
    uint(checkpoint.number, 64),
    uint(checkpoint.blockNumber, 64),
    bytes32(checkpoint.blockHash),
    bytes32(checkpoint.stateRoot),
    uint(checkpoint.blockTimestamp, 64),
    uint(checkpoint.retirementCount, 64),
    bytes32(checkpoint.logRoot),
    bytes32(checkpoint.previous),
  ]);
}

/** @throws RangeError for a member that does not fit its type */
export function manifestDigest(manifest: Omit<ExportManifest, "signer" | "signature">, domain: AuditDomain): string {
  return digestOf(domain, MANIFEST_TYPE, [
    text(manifest.id),
    text(manifest.subject),
    text(manifest.fileFormat),
    text(manifest.query),
    uint(manifest.blockNumber, 64),
    bytes32(manifest.blockHash),
    uint(manifest.rows, 64),
    uint(manifest.bytes, 64),
    bytes32(manifest.sha256),
    uint(manifest.finishedAt, 64),
  ]);
}

/** @throws RangeError for a member that does not fit its type */
export function sealDigest(seal: Omit<CertificateSeal, "signature">, domain: AuditDomain): string {
  return digestOf(domain, SEAL_TYPE, [bytes32(seal.digest), uint(seal.retirementId, 256)]);
}

function digestOf(domain: AuditDomain, type: string, words: readonly Uint8Array[]): string {
  const separator = structHash(DOMAIN_TYPE, [
    text(AUDIT_DOMAIN_NAME),
    text(AUDIT_DOMAIN_VERSION),
    uint(domain.chainId, 256),
    address(domain.contract),
  ]);
  const message = concatBytes(Uint8Array.of(0x19, 0x01), separator, structHash(type, words));
  return `0x${bytesToHex(keccak_256(message))}`;
}

function structHash(type: string, words: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concatBytes(text(type), ...words));
}

/** A text stands for its hash, as does a type's own. */
function text(value: string): Uint8Array {
  return keccak_256(utf8ToBytes(value));
}

function uint(decimal: string, bits: number): Uint8Array {
  if (!/^(0|[1-9]\d{0,77})$/.test(decimal)) throw new RangeError(`${decimal} is no number`);
  const number = BigInt(decimal);
  if (number >> BigInt(bits) !== 0n) throw new RangeError(`${decimal} has more than ${bits} bits`);
  return hexToBytes(number.toString(16).padStart(64, "0"));
}

function bytes32(hex: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(hex)) throw new RangeError(`${hex} is not 32 bytes`);
  return hexToBytes(hex.slice(2));
}

function address(hex: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{40}$/.test(hex)) throw new RangeError(`${hex} is no address`);
  return hexToBytes(hex.slice(2).padStart(64, "0"));
}
