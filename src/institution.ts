import { institutionLaneOf } from "./chain/outbox/institution-lane.js";
import type { CallPayload } from "./chain/outbox/payloads.js";
import type { Db } from "./db/connection.js";
import type { Idempotency } from "./db/idempotency.js";
import { Problem } from "./errors.js";
import { newOperationId, type NewDocument, type Operations } from "./operations/service.js";
import type { InstitutionalRole, Principal } from "./principal.js";

/** Who acts for an institution. */
export interface Officer {
  readonly role: InstitutionalRole;
  /** The managed account that signs, EIP-55. */
  readonly account: string;
}

/** What an officer wants done: one contract call. */
export interface InstitutionalAct {
  readonly kind: string;
  readonly officer: Officer;
  readonly call: CallPayload;
  /** What was asked, for people to read. */
  readonly request: object;
  readonly participantId?: number | null;
  readonly documents?: readonly NewDocument[];
  readonly idempotency: Idempotency | undefined;
}

/**
 * The officer whom a key stands for. Routes check the role already; this also names the account.
 * @throws Problem `unauthorized`, `forbidden`
 */
export function officerOf(principal: Principal, roles: readonly InstitutionalRole[]): Officer {
  if (principal.kind === "anonymous") throw new Problem("unauthorized", "This needs an API key.");
  const { role, account } = principal;
  if (principal.scope !== "role" || role === null || !roles.includes(role)) {
    throw new Problem("forbidden", `This needs an API key of role ${roles.join(" or ")}.`);
  }
  if (account === null) throw new Problem("forbidden", "The API key names no account to act with.");
  return { role, account };
}

/** Accepts the act in the lane of the officer's account. @returns the operation's id */
export function acceptAct(operations: Pick<Operations, "accept">, act: InstitutionalAct): Promise<string> {
  const { kind, officer, call, request, participantId, documents, idempotency } = act;
  return operations.accept({
    id: newOperationId(),
    kind,
    lane: institutionLaneOf(officer.account),
    account: officer.account,
    role: officer.role,
    participantId: participantId ?? null,
    request,
    payload: call,
    documents: documents ?? [],
    idempotency,
  });
}

/**
 * True while something is accepted and not yet at its end that may change what the registry knows. What is accepted later may build on
 * it: then only the contract can refuse, when its turn has come.
 */
export async function isInstitutionUnsettled(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom("operations")
    .select("id")
    .where("status", "in", ["accepted", "sent"])
    .where("lane", "<>", "intents")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
