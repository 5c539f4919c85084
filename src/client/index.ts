/**
 * What a firm imports: `carbon-ledger/client`. The names here are kept; those of the files behind it may change.
 * It runs in Node and in browsers.
 */
export { createClient, type Client, type ClientOptions } from "./client.js";
export {
  createFirm,
  createVerifier,
  type Firm,
  type FirmOptions,
  type FirmSigner,
  type IntentOptions,
  type IntentTerms,
  type SignedIntent,
  type Verifier,
} from "./firm.js";
export type { OrderReady, OrderTerms } from "./trading.js";
export { addressOf, newPrivateKey } from "./keys.js";
export { ApiProblem, ApiUnreachable, isProblem, OperationPending, type ErrorCode } from "./problem.js";
export { pages, type Collection } from "./calls.js";
export type { FileAnswer } from "./transport.js";
export type { StreamEvent, StreamOptions } from "./event-stream.js";
export type * from "./notifications.js";
export { checkAuction } from "./auction-check.js";
export type { ExportDownload, ExportFormat } from "./history.js";
export type * from "./auction-types.js";
export type * from "./cash-types.js";
export type * from "./chain-types.js";
export type * from "./deal-types.js";
export type * from "./history-types.js";
export type * from "./imports.js";
export type * from "./market-requests.js";
export type * from "./market-types.js";
export type * from "./order-types.js";
export type * from "./oversight.js";
export type * from "./past-types.js";
export type * from "./position-types.js";
export type * from "./proofs.js";
export type * from "./requests.js";
export type * from "./results.js";
export type * from "./types.js";
export type * from "./unit-types.js";
export type * from "./webhooks.js";
export type { ExportManifest, ProofPack, TrustFile } from "../verify/types.js";
