import { sealDigest } from "./attestation.js";
import { Rejection } from "./bytes.js";
import { MAX_JSON_BYTES, readCanonicalJson } from "./json.js";
import { checkManifest } from "./manifest.js";
import { provenBy } from "./pack.js";
import { isPdf, openPdf, whyNotOpened } from "./pdf.js";
import { beneficiaryCommitment } from "./person.js";
import { orReject } from "./seals.js";
import { recoverAddress } from "./signature.js";
import {
  EXPORT_FORMAT,
  type ExportFacts,
  type ExportManifest,
  type Facts,
  type TrustFile,
  type Verdict,
} from "./types.js";

export { parseTrust, TrustError } from "./trust.js";

export interface VerifyOptions {
  /** Whom the file's holder says a commitment stands for. */
  readonly person?: { readonly name: string; readonly identifier: string | null; readonly salt: string } | undefined;
  /** What a manifest is about. `sha256`: 0x and lower-case hex. */
  readonly file?: { readonly bytes: bigint; readonly sha256: string } | undefined;
}

/** What is known so far, so that a refusal can say what was refused. */
interface Progress {
  kind: Verdict["kind"];
}

const NEWLINE = 0x0a;

/**
 * Judges a proof pack, a certificate's PDF or an export's manifest, told apart by its first bytes. Needs no network and no database, takes
 * time and memory in proportion to the file at most, and never throws.
 */
export function verifyFile(bytes: Uint8Array, trust: TrustFile, options: VerifyOptions = {}): Verdict {
  const progress: Progress = { kind: "unknown" };
  try {
    const facts = judge(bytes, trust, options, progress);
    return { accepted: true, kind: progress.kind, reasons: [], facts };
  } catch (error) {
    const { code, message } =
      error instanceof Rejection ? error : new Rejection("not-readable", `The file cannot be read: ${String(error)}`);
    return { accepted: false, kind: progress.kind, reasons: [{ code, message }], facts: null };
  }
}

function judge(bytes: Uint8Array, trust: TrustFile, { person, file }: VerifyOptions, progress: Progress): Facts {
  if (isPdf(bytes)) {
    progress.kind = "certificate";
    return withPerson(judgeCertificate(bytes, trust), person);
  }
  const value = readCanonicalJson(withoutLastNewline(bytes));
  if (isManifest(value)) {
    progress.kind = "export";
    return exportFacts(checkManifest(value, trust, file), file !== undefined);
  }
  if (bytes.at(-1) === NEWLINE)
    throw new Rejection("not-canonical", "The pack ends with a line break that is not its own.");
  progress.kind = kindOf(value);
  return withPerson(provenBy(value, trust), person);
}

/** The seal binds every byte of the page, the pack proves by itself, and both are of one retirement. */
function judgeCertificate(bytes: Uint8Array, trust: TrustFile): Facts {
  const opened = openPdf(bytes);
  if (typeof opened === "string") throw whyNotOpened(opened);
  const { seal, digest, pack } = opened;
  if (seal.digest !== digest) {
    throw new Rejection("pdf-altered", "The PDF is not as it was sealed: at least one byte was changed.");
  }
  const signed = orReject("pdf-seal", "The PDF's seal cannot be signed", () =>
    sealDigest(seal, { chainId: trust.chainId, contract: trust.contracts.retirements }),
  );
  const signer = recoverAddress(signed, seal.signature);
  if (signer === null || !trust.service.includes(signer)) {
    throw new Rejection("pdf-seal", "The PDF is not sealed by a service that the trust file knows.");
  }
  const facts = provenBy(readCanonicalJson(pack), trust);
  if (facts.kind !== "retirement" || facts.retirementId !== seal.retirementId) {
    throw new Rejection("pdf-seal", `The PDF is sealed for retirement ${seal.retirementId}; its pack is another's.`);
  }
  return facts;
}

function exportFacts(
  { format: _, signature: _signature, ...signed }: ExportManifest,
  fileChecked: boolean,
): ExportFacts {
  return { kind: "export", ...signed, fileChecked };
}

function withPerson(facts: Facts, person: VerifyOptions["person"]): Facts {
  if (person === undefined) return facts;
  if (facts.kind !== "retirement" || facts.beneficiaryCommitment === null) {
    throw new Rejection("person-mismatch", "The file commits to nobody whose name could be confirmed.");
  }
  const claimed = orReject("person-mismatch", "The name cannot be confirmed", () => beneficiaryCommitment(person));
  if (claimed !== facts.beneficiaryCommitment) {
    throw new Rejection("person-mismatch", "The record commits to another person, or with another salt.");
  }
  return { ...facts, personConfirmed: true };
}

/** What a pack says it proves, well-formed or not. */
function kindOf(value: unknown): Verdict["kind"] {
  const { subject } = (value ?? {}) as { readonly subject?: { readonly kind?: unknown } | null };
  const kind = subject?.kind;
  return kind === "retirement" || kind === "holding" ? kind : "unknown";
}

function isManifest(value: unknown): boolean {
  return typeof value === "object" && value !== null && "format" in value && value.format === EXPORT_FORMAT;
}

/** A manifest may end as text files do. */
function withoutLastNewline(bytes: Uint8Array): Uint8Array {
  return bytes.length <= MAX_JSON_BYTES && bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
}
