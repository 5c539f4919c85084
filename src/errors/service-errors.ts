import { lastingRow, passingRow } from "./row.js";

/** Errors that the service itself finds, before, instead of or around a contract. */
export const serviceErrors = {
  "malformed-json": lastingRow(400, "The body is not valid JSON", "Send one JSON object, encoded as UTF-8."),
  "body-too-large": lastingRow(413, "The body is too large", "Send at most 256 kB; split the request."),
  "unsupported-media-type": lastingRow(
    415,
    "The content type is not supported",
    "Send `Content-Type: application/json`, in UTF-8 and not compressed.",
  ),
  "validation-failed": lastingRow(
    400,
    "The request does not fit its schema",
    "Correct each field that `errors` names; unknown fields are refused.",
  ),
  "header-invalid": lastingRow(400, "A header is malformed", "Correct the header that `detail` names."),
  "page-size": lastingRow(400, "The page size is out of range", "Give a `limit` from 1 to 200."),
  "cursor-invalid": lastingRow(
    400,
    "The cursor is not one of this list",
    "Use `next` of the page before as it is, with the same filters.",
  ),
  "unknown-path": lastingRow(404, "There is nothing at this path", "Read the API reference at `/docs`."),
  "method-not-allowed": lastingRow(
    405,
    "The path does not know this method",
    "Use a method that the `Allow` header names.",
  ),
  "not-found": lastingRow(404, "No such resource", "Check the identifier; pass `minBlock` to wait for a fresh one."),
  unauthorized: lastingRow(
    401,
    "A valid API key is needed",
    "Send `Authorization: Bearer cl_…` with a key that is not revoked.",
  ),
  forbidden: lastingRow(
    403,
    "The API key does not allow this",
    "Use a key whose scope covers the act and the participant.",
  ),
  "idempotency-conflict": lastingRow(
    409,
    "The Idempotency-Key was used with another request",
    "Use a new key for a new request; repeat a request exactly under its key.",
  ),
  "idempotency-in-progress": passingRow(
    409,
    "A request with this Idempotency-Key is being handled",
    "Repeat the same request after the stated time.",
    1,
  ),
  "intent-expired": lastingRow(
    422,
    "The intent's deadline has passed or is too near",
    "Sign a new intent with a later deadline.",
  ),
  "intent-replayed": lastingRow(
    409,
    "The account used this nonce before, for another intent",
    "Sign the intent again with a fresh nonce.",
  ),
  "intent-signature-invalid": lastingRow(
    422,
    "The signature is not the account's over this intent",
    "Sign exactly the intent that is sent, with the account's key.",
  ),
  "intent-foreign-chain": lastingRow(
    422,
    "The intent was signed for another chain or contract",
    "Sign for the domain that `GET /v1/chain` shows.",
  ),
  "account-unknown": lastingRow(
    422,
    "The address is no participant's active account",
    "Name an account that `GET /v1/accounts` shows.",
  ),
  "participant-suspended": lastingRow(
    409,
    "The participant is suspended, closed, or its due diligence has lapsed",
    "Read the status and `kycExpiresAt` at `GET /v1/participants`; ask the registrar or the compliance officer.",
  ),
  "participant-assets-left": lastingRow(
    409,
    "Money or positions would be left behind that nobody could move any more",
    "Let it leave trading and have its money paid out first; a suspended participant is reinstated for that. Units can leave later, by a forced transfer.",
  ),
  "signer-unavailable": lastingRow(
    409,
    "The service holds no key for this account",
    "Sign the intent yourself, or let an administrator import the account's keystore.",
  ),
  "transaction-invalid": lastingRow(
    422,
    "The raw transaction is malformed, unsigned, or for another chain",
    "Sign a transaction for the chain that `GET /v1/chain` shows.",
  ),
  "transaction-superseded": lastingRow(
    409,
    "Another transaction of the sender took this nonce",
    "Send the act again; read the sender's next nonce first.",
  ),
  "transaction-failed": lastingRow(
    409,
    "The transaction reverted without a reason that is known",
    "Look the transaction up by its hash; check the state that it relies on.",
  ),
  "document-mismatch": lastingRow(
    422,
    "The document does not have the stated hash",
    "Hash the RFC 8785 canonical JSON of the document with keccak-256.",
  ),
  "too-many-requests": passingRow(429, "Too many requests at once", "Wait for the stated time, then repeat.", 1),
  "read-model-behind": passingRow(
    503,
    "The read model has not reached the block that was asked for",
    "Repeat after the stated time, or ask for a lower `minBlock`.",
    1,
  ),
  "chain-unavailable": passingRow(
    503,
    "The chain cannot be reached",
    "Repeat after the stated time; what was accepted stays accepted.",
    5,
  ),
  "database-unavailable": passingRow(503, "The database cannot be reached", "Repeat after the stated time.", 5),
  "shutting-down": passingRow(503, "The service is shutting down", "Repeat after the stated time.", 5),
  internal: lastingRow(
    500,
    "Something broke inside the service",
    "Report it with the request id; a person has to look at it.",
  ),
} as const;
