import type { VerificationStatement } from "../chain/statement.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { findProject } from "../ledger/read/registry.js";
import { roleNumber } from "../roles.js";

/** True when the account holds the role of a verifier. */
export async function isVerifier(db: Db, account: string): Promise<boolean> {
  const row = await db
    .selectFrom("role_grants")
    .select("account")
    .where("role", "=", roleNumber("verifier").toString())
    .where("account", "=", account)
    .executeTakeFirst();
  return row !== undefined;
}

/** Why the contract would not take a statement about, or an issuance of, the project. */
export async function refusalOfProject(db: Db, projectCode: string): Promise<Problem | undefined> {
  const project = await findProject(db, projectCode);
  if (project === null) {
    return new Problem("registry-project-unknown", `There is no project ${projectCode}.`, {
      evidence: { projectCode },
    });
  }
  if (project.status === "registered") return undefined;
  const evidence = { projectCode, status: project.status };
  return new Problem("registry-project-not-registered", `The project ${projectCode} is ${project.status}.`, {
    evidence,
  });
}

/** Monitoring periods of a project never share a day. */
export async function refusalOfPeriod(
  db: Db,
  projectCode: string,
  { periodStart, periodEnd }: Pick<VerificationStatement, "periodStart" | "periodEnd">,
): Promise<Problem | undefined> {
  const met = await db
    .selectFrom("statements")
    .select(["id", "period_start"])
    .where("project_code", "=", projectCode)
    .where("period_start", "<=", BigInt(periodEnd))
    .where("period_end", ">=", BigInt(periodStart))
    .orderBy("period_start", "desc")
    .limit(1)
    .executeTakeFirst();
  if (met === undefined) return undefined;
  return new Problem("registry-period-overlap", `The period overlaps that of the statement ${met.id}.`, {
    evidence: { existingStart: Number(met.period_start) },
  });
}
