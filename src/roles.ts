import { ROLES, type RoleName } from "./chain/roles.js";
import { INSTITUTIONAL_ROLES, type InstitutionalRole } from "./principal.js";

/** The number that the access manager knows the role by. */
export function roleNumber(role: InstitutionalRole): bigint {
  return ROLES[role.toUpperCase().replaceAll("-", "_") as RoleName];
}

/** The role with a number; undefined for one that is not of this ledger. */
export function roleOfNumber(number: string): InstitutionalRole | undefined {
  return INSTITUTIONAL_ROLES.find((role) => roleNumber(role).toString() === number);
}
