import { auditErrors } from "./errors/audit-errors.js";
import { cashErrors } from "./errors/cash-errors.js";
import { dealErrors } from "./errors/deal-errors.js";
import { exchangeErrors } from "./errors/exchange-errors.js";
import { importErrors } from "./errors/import-errors.js";
import { instrumentErrors } from "./errors/instrument-errors.js";
import { marketErrors } from "./errors/market-errors.js";
import { notificationErrors } from "./errors/notification-errors.js";
import { openzeppelinErrors } from "./errors/openzeppelin-errors.js";
import { participantsErrors } from "./errors/participants-errors.js";
import { registryErrors } from "./errors/registry-errors.js";
import type { ErrorRow } from "./errors/row.js";
import { serviceErrors } from "./errors/service-errors.js";
import { unitsErrors } from "./errors/units-errors.js";

/**
 * The one table of errors: it feeds the answers, the OpenAPI document, `GET /v1/errors` and the fate of rejected operations.
 * A code is published: it never changes its meaning, and rows are only added.
 */
export const errorTable = {
  ...serviceErrors,
  ...participantsErrors,
  ...registryErrors,
  ...unitsErrors,
  ...cashErrors,
  ...exchangeErrors,
  ...instrumentErrors,
  ...marketErrors,
  ...dealErrors,
  ...auditErrors,
  ...importErrors,
  ...notificationErrors,
  ...importErrors,
  ...openzeppelinErrors,
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** Members of an RFC 9457 document. Extension members (as `errors`, `evidence`) stand beside them. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly remedy: string;
  readonly [extension: string]: Json | undefined;
}

/** One field that does not fit, in a `validation-failed` problem. */
export interface FieldError {
  /** Where: `/body`, `/query`, `/path` or `/headers`, and then as a JSON Pointer, as in `/body/blocks/0/start`. */
  readonly path: string;
  readonly message: string;
  readonly [extension: string]: Json | undefined;
}

/** An error with a row in the table: throw it anywhere, the caller is told exactly this. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  /** Extension members of the document. */
  readonly extra: { readonly [name: string]: Json | undefined };

  constructor(
    code: ErrorCode,
    detail?: string,
    extra: { readonly [name: string]: Json | undefined } = {},
    options?: ErrorOptions,
  ) {
    super(detail ?? errorTable[code].title, options);
    this.name = "Problem";
    this.code = code;
    this.detail = this.message;
    this.extra = extra;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }
}

/** The RFC 9457 document of a problem. `instance` names the occurrence, as a URN of the request or the operation. */
export function problemDocument(problem: Problem, instance?: string): ProblemDocument {
  const { status, title, retryable, remedy } = problem.row;
  return {
    type: `/v1/errors#${problem.code}`,
    title,
    status,
    detail: problem.detail,
    ...(instance === undefined ? {} : { instance }),
    code: problem.code,
    retryable,
    remedy,
    ...problem.extra,
  };
}

/** The problem that a stored document describes, as that of a rejected operation. */
export function problemFromDocument(document: ProblemDocument): Problem {
  const {
    type: _type,
    title: _title,
    status: _status,
    detail,
    instance: _i,
    code,
    retryable: _r,
    remedy: _m,
    ...extra
  } = document;
  return new Problem(code in errorTable ? code : "internal", detail, extra);
}

/** The code of a Solidity error: `UnitsInsufficientBalance` becomes `units-insufficient-balance`, `ERC721InvalidOwner` `erc721-invalid-owner`. */
export function codeOfSolidityError(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

/**
 * The problem for a custom error of a contract; `transaction-failed` when the error has no row.
 * @param evidence The error's arguments by name, as JSON (numbers as decimal strings, codes decoded).
 */
export function problemOfContractError(
  name: string,
  evidence: { readonly [argument: string]: Json },
  detail?: string,
): Problem {
  const code = codeOfSolidityError(name);
  if (!isErrorCode(code))
    return new Problem("transaction-failed", detail ?? `The contract refused with ${name}.`, { evidence });
  return new Problem(code, detail, { evidence });
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
