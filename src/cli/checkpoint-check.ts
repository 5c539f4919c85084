import { hexToBytes } from "@noble/hashes/utils.js";

import { checkpointDigest } from "../verify/attestation.js";
import { verifyConsistency } from "../verify/merkle-log.js";
import { recoverAddress } from "../verify/signature.js";
import type { Checkpoint, RoleSignature, TrustFile } from "../verify/types.js";

/** A checkpoint as somebody was shown it. */
export interface SeenCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly signatures: readonly RoleSignature[];
}

/** Why two checkpoints cannot both be right, or one cannot be believed. */
export interface Finding {
  readonly code: "signature" | "quorum" | "split-view" | "backwards" | "consistency" | "malformed";
  readonly message: string;
}

const FEWEST_ROLES = 2;
const MEMBERS: readonly (keyof Checkpoint)[] = [
  "number",
  "blockNumber",
  "blockHash",
  "stateRoot",
  "blockTimestamp",
  "retirementCount",
  "logRoot",
  "previous",
];

/** Whether two roles that the trust file knows have signed a checkpoint, by different keys. Asks nobody. */
export function checkSignatures({ checkpoint, signatures }: SeenCheckpoint, trust: TrustFile): Finding[] {
  const name = `Checkpoint ${checkpoint.number}`;
  let digest: string;
  try {
    digest = checkpointDigest(checkpoint, { chainId: trust.chainId, contract: trust.contracts.retirements });
  } catch (error) {
    return [{ code: "malformed", message: `${name} cannot be read: ${String(error)}` }];
  }
  const signers = signatures.map(({ role, signature }) => ({ role, address: signerOf(digest, signature) }));
  const known = signers.filter((signer) =>
    trust.checkpointSigners.some(({ role, address }) => role === signer.role && address === signer.address),
  );
  const findings: Finding[] = signers
    .filter((signer) => !known.includes(signer))
    .map(({ role }) => ({ code: "signature", message: `${name} is not signed by a ${role} of the trust file.` }));
  const roles = new Set(known.map(({ role }) => role));
  if (roles.size < FEWEST_ROLES) {
    findings.push({
      code: "quorum",
      message: `${name} has ${roles.size} of the ${FEWEST_ROLES} roles that must sign.`,
    });
  } else if (new Set(known.map(({ address }) => address)).size < FEWEST_ROLES) {
    findings.push({ code: "quorum", message: `${name} is signed by one key in both roles.` });
  }
  return findings;
}

/**
 * Whether the later of two checkpoints goes on where the earlier one ended. Two signed checkpoints with a finding are proof that the
 * signers said two things: keep both.
 * @param path The consistency proof between their logs.
 */
export function compareCheckpoints(older: Checkpoint, newer: Checkpoint, path: readonly string[]): Finding[] {
  const different = MEMBERS.filter((member) => older[member] !== newer[member]);
  if (different.length === 0) return [];
  if (older.number === newer.number) {
    return [
      { code: "split-view", message: `There are two checkpoints ${older.number}: ${different.join(", ")} differ.` },
    ];
  }
  try {
    return compareDistinct(older, newer, path);
  } catch (error) {
    return [{ code: "malformed", message: `The checkpoints cannot be compared: ${String(error)}` }];
  }
}

function compareDistinct(older: Checkpoint, newer: Checkpoint, path: readonly string[]): Finding[] {
  const names = `checkpoints ${older.number} and ${newer.number}`;
  const findings: Finding[] = [];
  const [before, after] = [BigInt(older.retirementCount), BigInt(newer.retirementCount)];
  if (
    BigInt(older.blockNumber) >= BigInt(newer.blockNumber) ||
    BigInt(older.blockTimestamp) > BigInt(newer.blockTimestamp)
  ) {
    findings.push({ code: "backwards", message: `Between ${names} the chain goes back in blocks or in time.` });
  }
  if (before > after) {
    findings.push({ code: "backwards", message: `Between ${names} retirements went from ${before} down to ${after}.` });
    return findings;
  }
  const nodes = path.map((node) => hexToBytes(node.slice(2)));
  const [olderRoot, newerRoot] = [older.logRoot, newer.logRoot].map((root) => hexToBytes(root.slice(2)));
  const isConsistent =
    olderRoot !== undefined && newerRoot !== undefined && verifyConsistency(before, after, olderRoot, newerRoot, nodes);
  if (!isConsistent) {
    const message = `The log of ${names} is not one log: a retirement was changed, dropped, slipped in or put elsewhere.`;
    findings.push({ code: "consistency", message });
  }
  return findings;
}

/** Null for anything that is no signature. */
function signerOf(digest: string, signature: string): string | null {
  return /^0x[0-9a-f]{130}$/.test(signature) ? recoverAddress(digest, signature) : null;
}

/**
 * A checkpoint in an answer of the service, or in a file that was kept.
 * @throws TypeError when it is of another form
 */
export function readSeen(value: unknown): SeenCheckpoint {
  const { checkpoint, signatures } = recordOf(value);
  const members = recordOf(checkpoint);
  if (!Array.isArray(signatures)) throw new TypeError("no list of signatures");
  return {
    checkpoint: Object.fromEntries(MEMBERS.map((member) => [member, textOf(members[member])])) as unknown as Checkpoint,
    signatures: signatures.map((given) => {
      const { role, signature } = recordOf(given);
      return { role: textOf(role), signature: textOf(signature) };
    }),
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  return value as Record<string, unknown>;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("not a text");
  return value;
}
