import { lastingRow, passingRow } from "./row.js";

/** Errors of what is read back: earlier states, histories, exports, proofs and names behind commitments. */
export const auditErrors = {
  "as-of-future": lastingRow(
    422,
    "The block or the time has not come yet",
    "Ask for a block that `GET /v1/chain` shows as known, or for a time that has passed.",
  ),
  "as-of-too-early": lastingRow(
    422,
    "The ledger did not exist at that time",
    "Ask for the block of its deployment, or for a later one.",
  ),
  "history-too-wide": lastingRow(
    422,
    "The filters leave too many records to be counted at once",
    "Narrow the filters as `detail` says, or leave out those that are not needed.",
  ),
  "serial-unknown": lastingRow(
    404,
    "No such serial number was ever issued",
    "Check the batch and the number: `BATCH:NUMBER`, within the issued tonnes of the batch.",
  ),
  "export-unfinished": passingRow(
    409,
    "The export has not come to its end",
    "Read the file to its end; its manifest is there then.",
    1,
  ),
  "export-abandoned": lastingRow(
    410,
    "The export was not read to its end",
    "Throw the file away, and ask for another export.",
  ),
  "too-many-exports": passingRow(429, "Too many exports at once", "Wait until another one has ended, then repeat.", 10),
  "proof-unsupported": lastingRow(
    501,
    "The chain's node gives no storage proofs that can be relied on",
    "Connect the service to a node that answers `eth_getProof` truly.",
  ),
  "proof-header-unsupported": lastingRow(
    501,
    "The chain's block headers are of an unknown form",
    "Connect the service to a chain whose block hash is that of the header as Ethereum or QBFT has it.",
  ),
  "proof-state-pruned": lastingRow(
    409,
    "The chain's node has forgotten the state of that block",
    "Ask for a later block, or connect the service to an archive node.",
  ),
  "proof-not-yet": passingRow(
    409,
    "No complete checkpoint covers it yet",
    "Repeat after the stated time; `detail` names the role whose signature is missing.",
    5,
  ),
  "checkpoint-signature-invalid": lastingRow(
    422,
    "The signature is not one that counts for this checkpoint",
    "Sign its digest with an account that holds the role on the chain, another one than that of the other role.",
  ),
  "personal-data-erased": lastingRow(
    410,
    "The name was erased",
    "Nothing brings it back; who kept name and salt can still prove it.",
  ),
  "personal-data-mismatch": lastingRow(
    422,
    "The name does not fit the commitment",
    "Give name, identifier and salt exactly as they were committed to.",
  ),
} as const;
