import { dayNumber, encodeCode } from "../chain/codes.js";
import type { Connection } from "../chain/connection.js";
import { keccak256OfText } from "../chain/keccak.js";
import { institutionLaneOf } from "../chain/outbox/institution-lane.js";
import type { RegistryCalls } from "../chain/registry-calls.js";
import type { Signers } from "../chain/signers.js";
import { hashStatement, verifyStatement, type VerificationStatement } from "../chain/statement.js";
import type { TypedDomain } from "../chain/typed-data.js";
import { isWalletSignature } from "../chain/wallet-signature.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { findStatement, listStatements, type StatementFilter, type StatementView } from "../ledger/read/registry.js";
import type { Operations } from "../operations/service.js";
import { isVerifier, refusalOfPeriod, refusalOfProject } from "./statement-rules.js";
import { refuseUnlessUnsettled } from "../refusal.js";

export interface StatementsDeps {
  readonly db: Db;
  readonly operations: Pick<Operations, "accept" | "get">;
  readonly institution: Institution;
  readonly calls: RegistryCalls;
  readonly signers: Pick<Signers, "signerOf">;
  readonly connection: Pick<Connection, "getCode" | "call">;
  /** Of the registry: see `statementDomain`. */
  readonly domain: TypedDomain;
  /** Delivers statements: the signature is their authority, so anyone may. */
  readonly relayer: string;
}

/** Days are `YYYY-MM-DD`. */
export interface StatementTerms {
  readonly projectCode: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly verifiedTonnes: bigint;
  readonly reportHash: string;
}

export type StatementRequest =
  | { readonly statement: StatementTerms & { readonly verifier: string }; readonly signature: string }
  | { readonly statement: StatementTerms };

interface SignedStatement {
  readonly verifier: string;
  readonly statement: VerificationStatement;
  readonly signature: string;
}

export type Statements = ReturnType<typeof createStatements>;

/** What verifiers say about monitoring periods. */
export function createStatements(deps: StatementsDeps) {
  const { db, operations, calls, domain, relayer } = deps;
  return {
    async get(id: string): Promise<StatementView> {
      const statement = await findStatement(db, id);
      if (statement === null) throw new Problem("not-found", `There is no verification statement ${id}.`);
      return statement;
    },

    page: (filter: StatementFilter, request: PageRequest): Promise<Page<StatementView>> =>
      listStatements(db, filter, request),

    /**
     * Accepts a statement for delivery. The same statement again is the same operation, unless that was rejected.
     * @returns the operation's id
     * @throws Problem as the contract's errors
     */
    async record(asker: Asker, request: StatementRequest): Promise<string> {
      const { periodStart, periodEnd } = request.statement;
      if (periodStart > periodEnd) {
        const evidence = { periodStart: dayNumber(periodStart), periodEnd: dayNumber(periodEnd) };
        throw new Problem("registry-period-invalid", "The period ends before it starts.", { evidence });
      }
      const { verifier, statement, signature } =
        "signature" in request ? await checkSigned(deps, request) : await sign(deps, asker, request.statement);
      if (!(await isVerifier(db, verifier))) {
        throw new Problem("registry-not-verifier", `${verifier} is no verifier.`, { evidence: { account: verifier } });
      }

      const statementId = hashStatement(statement, domain);
      const { id, isNew } = await nextOperation(operations, statementId);
      if (isNew) {
        await refuseUnlessUnsettled(
          db,
          async () =>
            (await refusalOfProject(db, request.statement.projectCode)) ??
            (await refusalOfPeriod(db, request.statement.projectCode, statement)),
        );
      }
      return operations.accept({
        id,
        kind: "statement.record",
        lane: institutionLaneOf(relayer),
        account: verifier,
        role: "verifier",
        request: { statementId, ...request.statement, verifier },
        payload: calls.recordStatement(statement, signature),
        idempotency: asker.idempotency,
      });
    },
  };
}

/** @throws Problem `registry-statement-signature-invalid` */
async function checkSigned(
  { connection, domain }: StatementsDeps,
  request: Extract<StatementRequest, { signature: string }>,
): Promise<SignedStatement> {
  const { signature } = request;
  const { verifier } = request.statement;
  const statement = structOf(request.statement, verifier);
  const isValid =
    verifyStatement(statement, signature, domain) ||
    (await isWalletSignature(connection, verifier, hashStatement(statement, domain), signature));
  if (!isValid) {
    const detail = `The signature is not ${verifier}'s over this statement.`;
    throw new Problem("registry-statement-signature-invalid", detail, { evidence: { verifier } });
  }
  return { verifier, statement, signature };
}

/** @throws Problem `unauthorized`, `forbidden`, `signer-unavailable` */
async function sign(deps: StatementsDeps, { principal }: Asker, terms: StatementTerms): Promise<SignedStatement> {
  const { institution, signers, domain } = deps;
  const { role, account } = await institution.officer(principal);
  if (role !== "verifier") throw new Problem("forbidden", "This needs an API key of role verifier, or a signature.");
  const statement = structOf(terms, account);
  const signer = await signers.signerOf(account);
  return { verifier: account, statement, signature: await signer.signDigest(hashStatement(statement, domain)) };
}

function structOf(terms: StatementTerms, verifier: string): VerificationStatement {
  return {
    projectCode: encodeCode(terms.projectCode),
    periodStart: dayNumber(terms.periodStart),
    periodEnd: dayNumber(terms.periodEnd),
    verifiedTonnes: terms.verifiedTonnes,
    reportHash: terms.reportHash,
    verifier,
  };
}

/**
 * The operation that delivers a statement: its id is the statement's, so that whoever knows the statement may follow it. What was
 * rejected stays rejected; the statement may come again, say after its project was registered, and is then called by a hash of the id.
 */
async function nextOperation(
  operations: Pick<Operations, "get">,
  statementId: string,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  for (let id = statementId; ; id = keccak256OfText(id)) {
    const known = await operations.get(id);
    if (known === undefined) return { id, isNew: true };
    if (known.status !== "rejected") return { id, isNew: false };
  }
}
