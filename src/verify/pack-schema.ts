import {
  address,
  byKind,
  decimal,
  hash,
  hex,
  listOf,
  nullable,
  objectOf,
  oneOf,
  pattern,
  signature,
  text,
} from "./schema.js";
import { EXPORT_FORMAT, type ExportManifest, PACK_FORMAT, type ProofPack, type Seal, type Subject } from "./types.js";

/** What bounds the work of a verifier, beside the size of the file. */
const MAX_RECORD_BYTES = 131_072;
const MAX_HEADER_BYTES = 65_536;
const MAX_NODE_BYTES = 4_096;
/** A path has 64 nibbles, and one node more than it has steps. */
const MAX_NODES = 65;
/** Head, frozen tonnes, and a tail word for three blocks each. */
const MAX_SLOTS = 4_096;
const MAX_DESCENDANTS = 4_096;
const MAX_SIGNATURES = 16;
/** A log has fewer than 2^64 entries. */
const MAX_PATH = 64;

const proof = listOf(hex(MAX_NODE_BYTES), MAX_NODES);
const header = hex(MAX_HEADER_BYTES);
const batchCode = pattern(/^[A-Z0-9.-]{1,31}$/, "the code of a batch");
const uint64 = pattern(/^(?:0|[1-9][0-9]{0,18})$/, "a number of at most 19 digits");

type CheckpointSeal = Extract<Seal, { readonly kind: "checkpoint" }>;

const checkpointSeal = objectOf<CheckpointSeal>({
  kind: oneOf("checkpoint"),
  checkpoint: objectOf<CheckpointSeal["checkpoint"]>({
    number: uint64,
    blockNumber: uint64,
    blockHash: hash,
    stateRoot: hash,
    blockTimestamp: uint64,
    retirementCount: uint64,
    logRoot: hash,
    previous: hash,
  }),
  signatures: listOf(objectOf<CheckpointSeal["signatures"][number]>({ role: text, signature }), MAX_SIGNATURES),
  descendants: listOf(header, MAX_DESCENDANTS),
  inclusion: nullable(
    objectOf<NonNullable<CheckpointSeal["inclusion"]>>({
      blockNumber: uint64,
      txHash: hash,
      path: listOf(hash, MAX_PATH),
    }),
  ),
});

/** A proof pack: exactly the members of `ProofPack`. @throws ShapeError */
export const readPack = objectOf<ProofPack>({
  format: oneOf(PACK_FORMAT),
  chainId: decimal,
  contract: address,
  subject: byKind<Subject>({
    retirement: objectOf<Extract<Subject, { readonly kind: "retirement" }>>({
      kind: oneOf("retirement"),
      record: hex(MAX_RECORD_BYTES),
    }),
    holding: objectOf<Extract<Subject, { readonly kind: "holding" }>>({
      kind: oneOf("holding"),
      account: address,
      batch: batchCode,
      slot: hash,
    }),
  }),
  header,
  accountProof: proof,
  storageProofs: listOf(proof, MAX_SLOTS),
  seal: byKind<Seal>({
    checkpoint: checkpointSeal,
    validators: objectOf<Extract<Seal, { readonly kind: "validators" }>>({ kind: oneOf("validators") }),
  }),
});

/** An export's manifest: exactly the members of `ExportManifest`. @throws ShapeError */
export const readManifest = objectOf<ExportManifest>({
  format: oneOf(EXPORT_FORMAT),
  id: text,
  subject: text,
  fileFormat: oneOf("csv", "ndjson", "parquet"),
  query: text,
  blockNumber: uint64,
  blockHash: hash,
  rows: uint64,
  bytes: uint64,
  sha256: hash,
  finishedAt: uint64,
  signer: address,
  signature,
});
