/**
 * What a verifier signs about a monitoring period: the twin of `IRegistry.VerificationStatement`. Its digest is the statement's id.
 * Imports nothing that a browser lacks.
 */
import { recoverAddress } from "ethers";

import { dayNumber, decodeCode, encodeCode, isoDay } from "./codes.js";
import { mutableTypes, type TypedDataSigner } from "./intents.js";
import { compileStruct, hashDomain, typedDigest, type TypedDomain } from "./typed-data.js";

export interface VerificationStatement {
  /** The project's code as a word, see `encodeCode`. */
  projectCode: string;
  /** First and last day of the monitoring period, both included, as day numbers. */
  periodStart: number;
  periodEnd: number;
  verifiedTonnes: bigint;
  /** keccak-256 of the verification report, 32 bytes of hex. */
  reportHash: string;
  verifier: string;
}

/** A statement as people and JSON know it. */
export interface VerificationStatementJson {
  project: string;
  /** `YYYY-MM-DD`. */
  periodStart: string;
  periodEnd: string;
  /** Decimal. */
  verifiedTonnes: string;
  reportHash: string;
  verifier: string;
}

/** The EIP-712 types, as ethers' `signTypedData` takes them. */
export const STATEMENT_TYPES = {
  VerificationStatement: [
    { name: "projectCode", type: "bytes32" },
    { name: "periodStart", type: "uint32" },
    { name: "periodEnd", type: "uint32" },
    { name: "verifiedTonnes", type: "uint64" },
    { name: "reportHash", type: "bytes32" },
    { name: "verifier", type: "address" },
  ],
} as const;

const SIGNATURE_PATTERN = /^0x[0-9a-fA-F]{130}$/;
const hashStruct = compileStruct(STATEMENT_TYPES, "VerificationStatement");

/** The domain of the `Registry` contract at an address of a chain. */
export function statementDomain(chainId: bigint, verifyingContract: string): TypedDomain {
  return Object.freeze({ name: "CarbonRegistry", version: "1", chainId, verifyingContract });
}

/** The statement's id: its EIP-712 digest, lower-case 0x hex. Equal to `Registry.hashStatement`. */
export function hashStatement(statement: VerificationStatement, domain: TypedDomain): string {
  return typedDigest(hashDomain(domain), hashStruct(statement));
}

/** @returns The verifier's 65-byte signature, hex. */
export function signStatement(
  signer: TypedDataSigner,
  statement: VerificationStatement,
  domain: TypedDomain,
): Promise<string> {
  return signer.signTypedData(domain, mutableTypes(STATEMENT_TYPES), { ...statement });
}

/**
 * True when the verifier's key signed the statement for this chain and contract. Whether the verifier holds the role, and whether a
 * contract (ERC-1271) accepts the signature, only the chain knows.
 */
export function verifyStatement(statement: VerificationStatement, signature: string, domain: TypedDomain): boolean {
  // ethers also reads the 64-byte form, which the contract refuses.
  if (!SIGNATURE_PATTERN.test(signature)) return false;
  try {
    const signer = recoverAddress(hashStatement(statement, domain), signature);
    return signer.toLowerCase() === statement.verifier.toLowerCase();
  } catch {
    return false;
  }
}

/** @throws CodeError */
export function statementFromJson(json: VerificationStatementJson): VerificationStatement {
  return {
    projectCode: encodeCode(json.project),
    periodStart: dayNumber(json.periodStart),
    periodEnd: dayNumber(json.periodEnd),
    verifiedTonnes: BigInt(json.verifiedTonnes),
    reportHash: json.reportHash,
    verifier: json.verifier,
  };
}

/** Inverse of `statementFromJson`. @throws CodeError */
export function statementToJson(statement: VerificationStatement): VerificationStatementJson {
  return {
    project: decodeCode(statement.projectCode),
    periodStart: isoDay(statement.periodStart),
    periodEnd: isoDay(statement.periodEnd),
    verifiedTonnes: statement.verifiedTonnes.toString(),
    reportHash: statement.reportHash,
    verifier: statement.verifier,
  };
}
