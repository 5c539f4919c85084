import { Problem } from "../errors.js";
import { ANONYMOUS, type KeyHolder, type Principal } from "../principal.js";
import type { Access } from "./route.js";

/** Resolves the token of an `Authorization: Bearer` header; undefined when there is no such key, or it was revoked. */
export type FindKey = (token: string) => Promise<KeyHolder | undefined>;

/**
 * Who asks. No header: anybody.
 * @throws Problem `unauthorized` when a header is there but names no valid key: a mistake must not pass for anonymity.
 */
export async function authenticate(header: string | undefined, findKey: FindKey): Promise<Principal> {
  if (header === undefined) return ANONYMOUS;
  const token = /^Bearer +([\w.~+/=-]{1,200})$/i.exec(header)?.[1];
  const principal = token === undefined ? undefined : await findKey(token);
  if (principal === undefined) throw new Problem("unauthorized");
  return principal;
}

/**
 * Lets the principal pass, or not.
 * @throws Problem `unauthorized` without a key, `forbidden` with one that does not suffice
 */
export function authorize(principal: Principal, access: Access): void {
  if (access === "public") return;
  const holder = requireKey(principal);
  if (access === "key") return;
  if (access.scopes?.includes(holder.scope)) return;
  if (holder.scope === "role" && holder.role !== null && access.roles?.includes(holder.role)) return;
  throw new Problem("forbidden", `This needs ${describeAccess(access)}.`);
}

/** @throws Problem `unauthorized` */
export function requireKey(principal: Principal): KeyHolder {
  if (principal.kind === "anonymous") throw new Problem("unauthorized", "This needs an API key.");
  return principal;
}

/** In words, for people: "an API key of scope admin, or of role registrar". */
export function describeAccess(access: Access): string {
  if (access === "public") return "no API key";
  if (access === "key") return "an API key";
  const scopes = (access.scopes ?? []).map((scope) => `of scope ${scope}`);
  const roles = (access.roles ?? []).map((role) => `of role ${role}`);
  return `an API key ${[...scopes, ...roles].join(" or ")}`;
}
