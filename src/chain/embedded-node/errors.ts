export type EmbeddedNodeErrorCode =
  /** The data directory's chain is another one: other chain id or other genesis block. */
  | "foreign-chain"
  /** The journal is damaged somewhere else than at its very end. */
  | "journal-corrupt"
  /** Replaying the journal gave another block than the one recorded. */
  | "journal-mismatch"
  /** Another process has the data directory open. */
  | "data-directory-in-use"
  /** The port is taken, the disk is full, the process died: see the message. */
  | "start-failed";

/** Why the embedded node refuses to start. None of these heals by trying again; the message says what to do. */
export class EmbeddedNodeError extends Error {
  override readonly name = "EmbeddedNodeError";
  readonly code: EmbeddedNodeErrorCode;

  constructor(code: EmbeddedNodeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A JSON-RPC error that the node answers with. */
export class RpcRefusal extends Error {
  override readonly name = "RpcRefusal";
  readonly rpcCode: number;

  constructor(rpcCode: number, message: string) {
    super(message);
    this.rpcCode = rpcCode;
  }
}

/** JSON-RPC 2.0 section 5.1 and EIP-1474. */
export const RPC_CODES = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  refused: -32_000,
  limitExceeded: -32_005,
} as const;
