import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { sql, type KyselyPlugin } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";

import type { Db } from "../../../src/db/connection.js";
import { createImporting, type Imports } from "../../../src/importing.js";
import { createInstitution } from "../../../src/institution.js";
import { createLogger } from "../../../src/logger.js";
import { createOperations } from "../../../src/operations/service.js";
import type { InstitutionalRole, Principal } from "../../../src/principal.js";
import { eventSources } from "../../../src/chain/manifest.js";
import { verraFile } from "../../support/export-files.js";
import { startImportDesk, type ImportDesk } from "../../support/imports.js";
import { seededRandom } from "../../support/random.js";

const KILLS = 20;
const SEED = 20_261_122;

let desk: ImportDesk;
let directory: string;
beforeAll(async () => {
  desk = await startImportDesk();
  directory = mkdtempSync(join(tmpdir(), "carbon-kills-"));
}, 120_000);
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await desk.close();
});

/** A database that is there for so many statements, and for none after them. */
function mortal(db: Db, statements: number) {
  const life = { asked: 0, isOver: false };
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      life.asked += 1;
      if (life.asked > statements) {
        life.isOver = true;
        throw new Error("The importer is dead");
      }
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return { db: db.withPlugin(plugin), life };
}

/** An importer of its own beside the service, which goes on sending: when it is killed, all that it knew is gone. */
function importer(db: Db): Imports {
  const operations = {
    ...createOperations({ db, kick: () => undefined }),
    wait: async () => {
      await sleep(10);
      return undefined;
    },
  };
  return createImporting({
    db,
    manifest: desk.ledger.manifest,
    contracts: eventSources(desk.ledger.manifest),
    operations,
    institution: createInstitution({ operations, signers: desk.signers }),
    signers: desk.signers,
    relayer: desk.keys.operator.address,
    logger: createLogger("silent"),
  });
}

const officer = (role: InstitutionalRole, account: string): Principal => ({
  kind: "key",
  keyId: role,
  scope: "role",
  participantId: null,
  role,
  account,
});

/** What a person or a command line does, until the import has come to its end. */
async function drive(imports: Imports, text: string): Promise<string> {
  const bytes = Buffer.from(text);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const path = join(directory, `${sha256}-${Math.random()}`);
  writeFileSync(path, bytes);
  const file = { path, name: "export.csv", bytes: BigInt(bytes.length), sha256, discard: async () => undefined };
  const request = {
    registry: "verra" as const,
    ownerId: desk.owner.id,
    account: undefined,
    dryRun: false,
    encoding: undefined,
  };
  const registrar = officer("registrar", desk.keys.registrar1.address);
  const { record } = await imports.receive(registrar, request, file);
  const owner: Principal = {
    ...officer("verifier", desk.owner.account),
    scope: "participant",
    role: null,
    participantId: desk.owner.id,
  } as Principal;
  const parties = [
    officer("registrar", desk.keys.registrar2.address),
    officer("verifier", desk.keys.verifier.address),
    owner,
  ];
  for (;;) {
    const { status, problem } = await imports.get(registrar, record.id);
    if (status === "final") return record.id;
    if (status === "failed" || (status === "refused" && problem?.["code"] !== "import-interrupted"))
      throw new Error(JSON.stringify(problem));
    if (status === "refused") return drive(imports, text);
    if (status === "waiting") for (const party of parties) await imports.consent(party, record.id).catch(passed);
    await sleep(10);
  }
}

/** The import began with the consent before. */
function passed(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "import-not-waiting")) throw error;
}

function fileOf(round: number): string {
  const common = { project: String(1_000 + round), series: String(8_000 + round) };
  return verraFile([
    { ...common, start: 101, tonnes: 25 },
    { ...common, start: 501, tonnes: 30, retired: "2022-05-06", beneficiary: "Invented Airways" },
    { ...common, start: 301, tonnes: 40, year: 2021, retired: "2022-05-06", reason: "Cancellation" },
    { ...common, start: 201, tonnes: 50, year: 2021 },
  ]);
}

/** All that came of a round, without what tells it from the others. */
async function stateOf(round: number, id: string): Promise<string> {
  const project = `VCS-${1_000 + round}`;
  const { rows } = await sql<{ kind: string; state: unknown }>`
    select 'project' as kind, to_jsonb(status) as state from projects where code = ${project}
    union all select 'statement', jsonb_build_array(period_start, period_end, verified_tonnes::text, claimed_tonnes::text)
      from statements where project_code = ${project}
    union all select 'batch', jsonb_build_array(code, vintage, issued_tonnes::text, retired_tonnes::text, cancelled_tonnes::text)
      from batches where project_code = ${project}
    union all select 'block', jsonb_build_array(series, start_serial, end_serial, batch_code) from foreign_blocks
      where batch_code in (select code from batches where project_code = ${project})
    union all select 'retirement', jsonb_build_array(batch_code, tonnes::text, blocks, beneficiary) from retirements
      where project_code = ${project}
    union all select 'cancellation', jsonb_build_array(batch_code, tonnes::text, blocks) from cancellations
      where project_code = ${project}
    union all select 'operations', jsonb_build_array(kind, status, count(*)) from operations
      where request ->> 'importId' = ${id} or request ->> 'batch' in (select code from batches where project_code = ${project})
      group by kind, status`.execute(desk.db);
  const text = rows
    .map((row) => JSON.stringify(row))
    .toSorted()
    .join("\n");
  return text.replaceAll(project, "VCS-N").replaceAll(String(8_000 + round), "SERIES");
}

it(`killed at ${KILLS} random moments, the end state should equal the undisturbed one`, async () => {
  const whole = mortal(desk.db, Infinity);
  const first = importer(whole.db);
  first.start();
  const undisturbed = await stateOf(0, await drive(first, fileOf(0)));
  await first.stop();
  expect(undisturbed).toContain("Invented Airways");

  const random = seededRandom(SEED);
  for (let round = 1; round <= KILLS; round += 1) {
    const moment = 1 + Math.floor(random() * whole.life.asked);
    const { db, life } = mortal(desk.db, moment);
    const killed = importer(db);
    killed.start();
    await Promise.race([drive(killed, fileOf(round)).catch(() => undefined), untilOver(life)]);
    await killed.stop();

    const next = importer(desk.db);
    next.start();
    const id = await drive(next, fileOf(round));
    await next.stop();
    expect(await stateOf(round, id), `round ${round}, killed at statement ${moment}`).toBe(undisturbed);
  }
}, 300_000);

async function untilOver(life: { readonly isOver: boolean }): Promise<void> {
  while (!life.isOver) await sleep(5);
}
