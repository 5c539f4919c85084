import {
  Problem,
  problemDocument,
  problemOfContractError,
  type ErrorCode,
  type ProblemDocument,
} from "../../errors.js";
import { decodeRevert } from "../revert.js";

/** The document for an operation that a contract refused with this revert data. */
export function problemOfRevert(operationId: string, revertData: string): ProblemDocument {
  const reason = decodeRevert(revertData);
  if (reason === null) {
    const evidence = { revertData };
    return problemDocument(new Problem("transaction-failed", undefined, { evidence }), instanceOf(operationId));
  }
  // The two errors of the language itself have no row of their own: their words are the only thing to tell.
  const detail =
    reason.name === "Error" || reason.name === "Panic" ? `${reason.name}: ${JSON.stringify(reason.args)}` : undefined;
  return problemDocument(problemOfContractError(reason.name, reason.args, detail), instanceOf(operationId));
}

/** The document for an operation that never came before a contract. */
export function problemOf(operationId: string, code: ErrorCode, detail: string): ProblemDocument {
  return problemDocument(new Problem(code, detail), instanceOf(operationId));
}

function instanceOf(operationId: string): string {
  return `/v1/operations/${operationId}`;
}
