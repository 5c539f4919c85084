import { institutionLaneOf } from "./chain/outbox/institution-lane.js";
import type { CallPayload } from "./chain/outbox/payloads.js";
import type { Signers } from "./chain/signers.js";
import type { Db } from "./db/connection.js";
import type { Idempotency } from "./db/idempotency.js";
import { Problem } from "./errors.js";
import { newOperationId, type NewDocument, type Operations } from "./operations/service.js";
import type { InstitutionalRole, Principal } from "./principal.js";
import { isOpenOperation } from "./db/open-operations.js";

/** Who asks for an act, and under which idempotency key. */
export interface Asker {
  readonly principal: Principal;
  readonly idempotency: Idempotency | undefined;
}

/** Who acts for an institution. */
export interface Officer {
  readonly role: InstitutionalRole;
  /** The managed account that signs, EIP-55. */
  readonly account: string;
}

/** What an officer wants done: one contract call. */
export interface InstitutionalAct {
  readonly kind: string;
  readonly call: CallPayload;
  /** What was asked, for people to read. */
  readonly request: object;
  /** Whom it is about. */
  readonly participantId?: number;
  /** Public records whose hashes the call puts on the chain. */
  readonly documents?: readonly NewDocument[];
}

/** The acts of institutions: transactions that the service signs with the officer's key. The contract decides who may do what. */
export interface Institution {
  /**
   * The officer whom a key stands for. That the role is one that the act needs is the route's to check.
   * @throws Problem `unauthorized`, `forbidden`, `signer-unavailable`
   */
  officer(principal: Principal): Promise<Officer>;
  /** Accepts the act in the lane of the officer's account. @returns the operation's id. @throws Problem as `officer` */
  act(asker: Asker, act: InstitutionalAct): Promise<string>;
}

export interface InstitutionDeps {
  readonly operations: Pick<Operations, "accept">;
  readonly signers: Pick<Signers, "has">;
}

export function createInstitution({ operations, signers }: InstitutionDeps): Institution {
  async function officer(principal: Principal): Promise<Officer> {
    if (principal.kind === "anonymous") throw new Problem("unauthorized", "This needs an API key.");
    const { scope, role, account } = principal;
    if (scope !== "role" || role === null) throw new Problem("forbidden", "This needs an API key of an institution.");
    if (account === null) throw new Problem("forbidden", "The API key names no account to act with.");
    if (!(await signers.has(account))) {
      throw new Problem("signer-unavailable", `The service holds no key for ${account}.`);
    }
    return { role, account };
  }

  return {
    officer,

    async act({ principal, idempotency }, { kind, call, request, participantId, documents }) {
      const { account, role } = await officer(principal);
      return operations.accept({
        id: newOperationId(),
        kind,
        lane: institutionLaneOf(account),
        account,
        role,
        participantId: participantId ?? null,
        request,
        payload: call,
        documents: documents ?? [],
        idempotency,
      });
    },
  };
}

/**
 * True while something is accepted and not yet at its end that may change what institutions decide on. What is accepted later may build
 * on it: then only the contract can refuse, when its turn has come.
 */
export async function isInstitutionUnsettled(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom("operations")
    .select("id")
    .where(isOpenOperation)
    .where("lane", "not in", ["intents", "settlement"])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
