import { Problem } from "./errors.js";

/** Who asks: the holder of an API key, or anybody. */
export type Principal = Anonymous | KeyHolder;

export interface Anonymous {
  readonly kind: "anonymous";
}

export interface KeyHolder {
  readonly kind: "key";
  readonly keyId: string;
  readonly scope: ApiKeyScope;
  /** Scope `participant`: the one that the key acts for. */
  readonly participantId: number | null;
  /** Scope `role`: the one that the key acts in. */
  readonly role: InstitutionalRole | null;
  /** The managed account that signs for this key, EIP-55; null when the participant's only one is meant. */
  readonly account: string | null;
}

export const API_KEY_SCOPES = ["participant", "role", "admin", "auditor", "regulator"] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** A read, with more rights than a participant has, of something that is not public. */
export interface PrivilegedRead {
  readonly keyId: string;
  readonly scope: ApiKeyScope;
  readonly role: InstitutionalRole | null;
  readonly method: string;
  /** Path of the route, with the names of its parameters. */
  readonly route: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly requestId: string;
}

/** The roles of `Roles.sol`, as the API spells them. */
export const INSTITUTIONAL_ROLES = [
  "admin",
  "registrar",
  "verifier",
  "compliance-officer",
  "guardian",
  "settlement-bank",
  "exchange-operator",
  "enforcement",
] as const;
export type InstitutionalRole = (typeof INSTITUTIONAL_ROLES)[number];

export const ANONYMOUS: Anonymous = { kind: "anonymous" };

/** Under which name the principal's idempotency keys are kept. */
export function principalName(principal: Principal): string {
  return principal.kind === "key" ? `key:${principal.keyId}` : "anonymous";
}

/** True when the principal may read what belongs to the participant: the participant itself, and every institution and auditor. */
export function mayReadParticipant(principal: Principal, participantId: number | null): boolean {
  if (principal.kind === "anonymous") return false;
  return principal.scope !== "participant" || (participantId !== null && principal.participantId === participantId);
}

/**
 * The participant whose things the principal may list; undefined: all. A participant's key sees its own only.
 * @throws Problem `forbidden` when another is asked for
 */
export function visibleParticipant(principal: Principal, asked: number | undefined): number | undefined {
  if (principal.kind !== "key" || principal.scope !== "participant") return asked;
  if (principal.participantId === null || (asked !== undefined && asked !== principal.participantId)) {
    throw new Problem("forbidden", "The key sees its own participant only.");
  }
  return principal.participantId;
}
