import { z } from "zod";
import { pageOf, pageQuery } from "../http/pagination.js";
import { blockNumber, dateTime, decimal, hash } from "../http/primitives.js";
import { EXPORT_FORMAT } from "../verify/types.js";
import { EXPORT_FORMATS } from "./ports.js";

export const EXPORTS_TAG = "Exports";

const format = z.enum(EXPORT_FORMATS);

/** Query of every route that answers a file. */
export const formatQuery = { format: format.optional().transform((given) => given ?? "csv") };

/** Media types of the files. */
export const EXPORT_TYPES = ["text/csv", "application/x-ndjson", "application/vnd.apache.parquet"];

export const exportParams = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/, "must be the id of an export: 32 lower-case hexadecimal digits"),
});
export const exportQuery = z.strictObject(pageQuery);

export const manifestSchema = z
  .strictObject({
    format: z.literal(EXPORT_FORMAT),
    id: z.string(),
    subject: z.string(),
    fileFormat: format,
    query: z.string().describe("What was asked for, as canonical JSON (RFC 8785)."),
    blockNumber: decimal,
    blockHash: hash,
    rows: decimal,
    bytes: decimal,
    sha256: hash.describe("SHA-256 of the whole file."),
    finishedAt: decimal.describe("Unix seconds."),
    signer: z.string().describe("Address of the service's key, lower case."),
    signature: z.string().describe("EIP-712 signature of the manifest."),
  })
  .meta({ id: "ExportManifest" });

export const exportSchema = z
  .strictObject({
    id: z.string(),
    subject: z.string(),
    format,
    query: z.record(z.string(), z.unknown()),
    blockNumber,
    blockHash: hash,
    status: z.enum(["running", "complete", "abandoned"]).describe("`abandoned`: the reader left before the end."),
    createdAt: dateTime,
    manifest: manifestSchema.nullable().describe("Null until it is complete."),
    links: z.strictObject({ self: z.string(), manifest: z.string() }),
  })
  .meta({ id: "Export" });

export const exportPage = pageOf(exportSchema);
