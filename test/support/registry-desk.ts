import { id } from "ethers";

import { statementToJson, signStatement, type VerificationStatement } from "../../src/chain/statement.js";
import type { TypedDataSigner } from "../../src/chain/intents.js";
import type { TestAnswer } from "./http.js";
import { startTestService } from "./service.js";

export const WAIT = { prefer: "wait=30" };

type Header = { readonly authorization: string };
type Act = (path: string, body: unknown, officer?: Header) => Promise<TestAnswer>;

export type RegistryDesk = Awaited<ReturnType<typeof startRegistryDesk>>;

/** The whole service, with a key for each officer who decides on what exists, and a developer who has a registered project. */
export async function startRegistryDesk() {
  const stage = await startTestService();
  await stage.synced();
  const officers = {
    registrar1: await stage.officerKey("registrar", "registrar1"),
    registrar2: await stage.officerKey("registrar", "registrar2"),
    verifier: await stage.officerKey("verifier", "verifier"),
    compliance: await stage.officerKey("compliance-officer", "compliance1"),
    admin: await stage.officerKey("admin", "admin"),
    guardian: await stage.officerKey("guardian", "guardian"),
  };
  const developer = await stage.firm();
  const { ledger } = stage;
  let projects = 0;

  /** Sends an act and waits for its end. */
  const act: Act = (path, body, officer = officers.registrar1) =>
    stage.post(`/v1${path}`, body, { ...WAIT, ...officer });

  /** A registered project of the developer. @returns its code */
  async function project(): Promise<string> {
    projects += 1;
    const code = `DESK-${projects}`;
    await ledger.registerProject(code, developer.id);
    await stage.synced();
    return code;
  }

  /** Body of a statement that the verifier signed: of 1,000,000 t in 2024, unless told otherwise. */
  async function signedStatement(
    code: string,
    differences: Partial<VerificationStatement> = {},
    signer: TypedDataSigner = stage.keys.verifier,
    domain = ledger.domain,
  ) {
    const value = ledger.statementOf(code, differences);
    const { project: projectCode, ...rest } = statementToJson(value);
    return { statement: { ...rest, projectCode }, signature: await signStatement(signer, value, domain) };
  }

  /** A recorded statement about the year 2024. @returns its id */
  async function statement(code: string, differences: Partial<VerificationStatement> = {}): Promise<string> {
    const statementId = await ledger.recordStatement(ledger.statementOf(code, differences));
    await stage.synced();
    return statementId;
  }

  /** Body of an issuance of 1,000 t of 2024 for the developer. */
  const issuance = (statementId: string, batch: string, differences: Record<string, unknown> = {}) => ({
    statementId,
    batch,
    vintage: 2024,
    tonnes: "1000",
    recipient: developer.account,
    document: { source: "test" },
    ...differences,
  });

  return {
    ...stage,
    officers,
    developer,
    act,
    project,
    signedStatement,
    statement,
    issuance,
    reportHash: id("report"),
  };
}
