import type { z } from "zod";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { article6Rows, type Submission } from "./article-6-rows.js";
import { article6Tables } from "./article-6-schema.js";
import { cadTrustRows, type CadTrustSource, type ReportRow } from "./cad-trust-rows.js";
import { cadTrustTables } from "./cad-trust-schema.js";
import { createFindings, type Findings } from "./findings.js";
import { factsOf } from "./project-facts.js";
import { readRegistry, type RegistrySnapshot } from "./registry-snapshot.js";
import { recordIds } from "./uuid5.js";

export interface ReportsDeps {
  readonly db: Db;
  readonly chainId: string;
  /** Address of the registry's contract. */
  readonly registry: string;
  /** Where the world reaches the service, without a slash at its end. */
  readonly origin: string;
}

/**
 * The registry in the words of others, as NDJSON: `{"table", "record"}` a line in the order of insertion, then one line whose table is
 * `summary` and whose record is a `Summary`. Without that last line a report is not whole. Memory: the registry without its units.
 */
export interface Reports {
  /** @throws Problem `too-many-exports` */
  cadTrust(): AsyncGenerator<Uint8Array>;
  /** @throws Problem `too-many-exports` */
  article6(submission: Submission): AsyncGenerator<Uint8Array>;
}

type Schemas = Readonly<Record<string, z.ZodType>>;

/** Reports that are written at once: each walks over all units. */
const MOST_AT_ONCE = 4;

export function createReports({ db, chainId, registry, origin }: ReportsDeps): Reports {
  const ids = recordIds(chainId, registry);
  let running = 0;

  /** Refuses before the first byte; counts from the first byte on, and until the reader has all or leaves. */
  function limited(schemas: Schemas, rowsOf: (source: CadTrustSource) => AsyncGenerator<readonly ReportRow<string>[]>) {
    if (running >= MOST_AT_ONCE) throw new Problem("too-many-exports", `${MOST_AT_ONCE} reports are being written.`);
    return (async function* () {
      running += 1;
      try {
        const snapshot = await readRegistry(db);
        const findings = createFindings(schemas);
        if (schemas === cadTrustTables) findUnknownTypes(snapshot, findings);
        yield* lines(rowsOf({ db, snapshot, ids, origin }), findings);
        const { block_number: toBlock } = await db
          .selectFrom("cursor")
          .select("block_number")
          .executeTakeFirstOrThrow();
        const summary = findings.summary(snapshot.blockNumber, toBlock);
        yield lineOf("summary", summary);
      } finally {
        running -= 1;
      }
    })();
  }

  return {
    cadTrust: () => limited(cadTrustTables, cadTrustRows),
    article6: (submission) => limited(article6Tables, (source) => article6Rows({ ...source, submission })),
  };
}

/** What stands for "something else" is in the lists, but says nothing. */
function findUnknownTypes({ projects }: RegistrySnapshot, findings: Findings): void {
  for (const project of projects) {
    const { isTypeKnown, subtype } = factsOf(project);
    if (isTypeKnown) continue;
    const problem =
      subtype === undefined ? "is not stated in the document" : `there is no sector and type for "${subtype}"`;
    findings.add({ table: "project", key: project.code, field: "projectType", problem });
  }
}

async function* lines(
  rows: AsyncGenerator<readonly ReportRow<string>[]>,
  findings: Findings,
): AsyncGenerator<Uint8Array> {
  for await (const some of rows) {
    if (some.length === 0) continue;
    for (const row of some) findings.check(row);
    yield Buffer.concat(some.map(({ table, record }) => lineOf(table, record)));
  }
}

function lineOf(table: string, record: object): Uint8Array {
  return Buffer.from(`${JSON.stringify({ table, record })}\n`);
}
