import { ZeroHash } from "ethers";

import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import type { IRegistry } from "../../types/ethers-contracts/Registry.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { compileArguments } from "./abi-encoding.js";
import { scheduleOf } from "./access-calls.js";
import { batchIdOf, decodeCode, encodeCode } from "./codes.js";
import { FIRST_TRANSFERS, PROJECT_STATUSES, type FirstTransfer, type ProjectStatus } from "./event-types.js";
import type { LedgerAddresses } from "./events.js";
import type { CallPayload } from "./outbox/payloads.js";
import { STATEMENT_TYPES, type VerificationStatement } from "./statement.js";
import type { TypedTypes } from "./typed-data.js";

const registry = Registry__factory.createInterface();
const units = Units__factory.createInterface();

/** The twin of `IRegistry.Issuance`. */
const ISSUANCE_TYPES = {
  ForeignBlock: [
    { name: "programme", type: "bytes32" },
    { name: "series", type: "bytes32" },
    { name: "start", type: "uint64" },
    { name: "end", type: "uint64" },
  ],
  Issuance: [
    { name: "statementId", type: "bytes32" },
    { name: "batchCode", type: "bytes32" },
    { name: "vintage", type: "uint16" },
    { name: "tonnes", type: "uint64" },
    { name: "recipient", type: "address" },
    { name: "foreignBlock", type: "ForeignBlock" },
    { name: "documentHash", type: "bytes32" },
  ],
} as const;

/** The calls that an import makes by the thousand. A test holds them equal to ethers. */
const encodeStatement = encoderOf("recordStatement", STATEMENT_TYPES, ["VerificationStatement", "bytes", "bytes32"]);
const encodeProposal = encoderOf("proposeIssuance", ISSUANCE_TYPES, ["Issuance"]);
const encodeApproval = encoderOf("approveIssuance", ISSUANCE_TYPES, ["Issuance", "uint64"]);

/** What is proposed, approved or rejected. Codes are readable; `foreignBlock` is null for a domestic issuance. */
export interface IssuanceTerms {
  readonly statementId: string;
  readonly batch: string;
  readonly vintage: number;
  readonly tonnes: bigint;
  readonly recipient: string;
  readonly foreignBlock: {
    readonly programme: string;
    readonly series: string;
    readonly start: bigint;
    readonly end: bigint;
  } | null;
  readonly documentHash: string;
}

export interface ProjectTerms {
  readonly code: string;
  readonly ownerId: number;
  readonly bufferBasisPoints: number;
  readonly documentHash: string;
}

export interface AuthorisationTerms {
  readonly batch: string;
  /** Bit set of `Authorisations.sol`. */
  readonly authorisations: number;
  readonly firstTransfer: FirstTransfer;
  readonly documentHash: string;
}

export type RegistryCalls = ReturnType<typeof createRegistryCalls>;

/** The acts on what exists, as contract calls. What takes a hint may go without: see `hintedCallOf`. */
export function createRegistryCalls(addresses: Pick<LedgerAddresses, "AccessManager" | "Registry" | "Units">) {
  const toRegistry = (data: string): CallPayload => ({ to: addresses.Registry, data });
  const toUnits = (data: string): CallPayload => ({ to: addresses.Units, data });
  const setBufferAccount = (account: string) => toRegistry(registry.encodeFunctionData("setBufferAccount", [account]));
  return {
    listProject: ({ code, ownerId, bufferBasisPoints, documentHash }: ProjectTerms) =>
      toRegistry(
        registry.encodeFunctionData("listProject", [encodeCode(code), ownerId, bufferBasisPoints, documentHash]),
      ),
    setProjectStatus: (code: string, status: ProjectStatus) =>
      toRegistry(registry.encodeFunctionData("setProjectStatus", [encodeCode(code), PROJECT_STATUSES.indexOf(status)])),
    setProjectDocument: (code: string, documentHash: string) =>
      toRegistry(registry.encodeFunctionData("setProjectDocument", [encodeCode(code), documentHash])),
    /** @param previousId The project's statement with the latest period before. */
    recordStatement: (statement: VerificationStatement, signature: string, previousId: string = ZeroHash) =>
      toRegistry(encodeStatement(statement, signature, previousId)),
    proposeIssuance: (terms: IssuanceTerms) => toRegistry(encodeProposal(issuanceOf(terms))),
    /** @param foreignHint Start of the recorded block before; 0 when there is none. */
    approveIssuance: (terms: IssuanceTerms, foreignHint = 0n) =>
      toRegistry(encodeApproval(issuanceOf(terms), foreignHint)),
    rejectIssuance: (terms: IssuanceTerms, reasonHash: string) =>
      toRegistry(registry.encodeFunctionData("rejectIssuance", [issuanceOf(terms), reasonHash])),
    authoriseBatch: ({ batch, authorisations, firstTransfer, documentHash }: AuthorisationTerms) =>
      toRegistry(
        registry.encodeFunctionData("authoriseBatch", [
          batchIdOf(batch),
          authorisations,
          FIRST_TRANSFERS.indexOf(firstTransfer),
          documentHash,
        ]),
      ),
    revokeAuthorisation: (batch: string, reasonHash: string) =>
      toRegistry(registry.encodeFunctionData("revokeAuthorisation", [batchIdOf(batch), reasonHash])),
    pauseBatch: (batch: string) => toUnits(units.encodeFunctionData("pauseBatch", [batchIdOf(batch)])),
    unpauseBatch: (batch: string) => toUnits(units.encodeFunctionData("unpauseBatch", [batchIdOf(batch)])),
    setBufferAccount,
    /** See `scheduleOf`. */
    scheduleBufferAccount: (account: string) => scheduleOf(addresses, setBufferAccount(account)),
  };
}

function encoderOf(name: string, types: TypedTypes, argumentTypes: readonly string[]) {
  const { selector } = registry.getFunction(name as "recordStatement");
  const encode = compileArguments(types, argumentTypes);
  return (...values: unknown[]): string => `${selector}${encode(...values)}`;
}

function issuanceOf({ statementId, batch, foreignBlock, ...rest }: IssuanceTerms) {
  return {
    ...rest,
    statementId,
    batchCode: encodeCode(batch),
    foreignBlock:
      foreignBlock === null
        ? { programme: ZeroHash, series: ZeroHash, start: 0n, end: 0n }
        : {
            ...foreignBlock,
            programme: encodeCode(foreignBlock.programme),
            series: encodeCode(foreignBlock.series),
          },
  };
}

/**
 * A call that must say where its entry goes in a sorted list of the contract. The list may grow between the acceptance of the call and
 * its sending, so the place is written into it at the last moment.
 */
export type HintedCall =
  | {
      readonly list: "statements";
      readonly project: string;
      /** Day number. */
      readonly periodStart: bigint;
      /** @param previousStatementId The project's statement with the latest period before; null when there is none. */
      withHint(previousStatementId: string | null): CallPayload;
    }
  | {
      readonly list: "foreign-blocks";
      readonly programme: string;
      readonly series: string;
      readonly start: bigint;
      /** @param previousStart Start of the recorded block before; 0 when there is none. */
      withHint(previousStart: bigint): CallPayload;
    };

type StatementArguments = [IRegistry.VerificationStatementStructOutput, signature: string, previousStatementId: string];
type ApprovalArguments = [IRegistry.IssuanceStructOutput, foreignHint: bigint];

/** Null when the call takes no hint. */
export function hintedCallOf(
  { to, data }: CallPayload,
  addresses: Pick<LedgerAddresses, "Registry">,
): HintedCall | null {
  if (to.toLowerCase() !== addresses.Registry.toLowerCase()) return null;
  const selector = data.slice(0, 10);

  if (selector === registry.getFunction("recordStatement").selector) {
    const [statement, signature] = registry.decodeFunctionData(
      "recordStatement",
      data,
    ) as unknown as StatementArguments;
    return {
      list: "statements",
      project: decodeCode(statement.projectCode),
      periodStart: statement.periodStart,
      withHint: (previous) => ({
        to,
        data: registry.encodeFunctionData("recordStatement", [statement, signature, previous ?? ZeroHash]),
      }),
    };
  }
  if (selector === registry.getFunction("approveIssuance").selector) {
    const [issuance] = registry.decodeFunctionData("approveIssuance", data) as unknown as ApprovalArguments;
    const { programme, series, start } = issuance.foreignBlock;
    if (programme === ZeroHash) return null;
    return {
      list: "foreign-blocks",
      programme: decodeCode(programme),
      series: decodeCode(series),
      start,
      withHint: (previous) => ({ to, data: registry.encodeFunctionData("approveIssuance", [issuance, previous]) }),
    };
  }
  return null;
}
