import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { VERSION } from "../version.js";
import { blocksText, type Cell, type ColumnKind, type Encoder } from "./ports.js";

/** Rows of a row group: as many are in memory at once. */
const GROUP = 20_000;
/** What fits 64 bits with a sign; a time of the ledger always does, in milliseconds too. */
const LAST_INT64 = 2n ** 63n - 1n;

/**
 * Apache Parquet, compressed with Snappy, in row groups of 20,000 rows. Text is UTF-8, integers have 64 bits, times are milliseconds in
 * UTC; money, which has no bound, is text.
 */
export const encodeParquet: Encoder = async function* (columns, pages) {
  const bytes = new ByteWriter(1 << 20);
  const schema = schemaOf(columns.map(({ name, kind }) => ({ name, kind })));
  const file = new ParquetWriter({ writer: bytes, schema, createdBy: `carbon-ledger ${VERSION}` });
  for await (const group of grouped(pages)) {
    const columnData = columns.map(({ name, kind, of }) => ({
      name,
      data: group.map((row) => valueOf(kind, of(row))),
    }));
    await file.write({ columnData, rowGroupSize: group.length });
    yield takeBytes(bytes);
  }
  await file.finish();
  yield takeBytes(bytes);
};

async function* grouped<Row>(pages: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  let group: Row[] = [];
  for await (const page of pages) {
    for (const row of page) {
      group.push(row);
      if (group.length < GROUP) continue;
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

/** Hands over what was written and begins at the front of the buffer again; offsets in the file go on counting. */
function takeBytes(bytes: ByteWriter): Uint8Array {
  const taken = bytes.getBytes().slice();
  bytes.index = 0;
  return taken;
}

function schemaOf(columns: readonly { readonly name: string; readonly kind: ColumnKind }[]): SchemaElement[] {
  return [{ name: "root", num_children: columns.length }, ...columns.map(({ name, kind }) => elementOf(name, kind))];
}

function elementOf(name: string, kind: ColumnKind): SchemaElement {
  const repetition_type = "OPTIONAL";
  if (kind === "number" || kind === "integer") return { name, type: "INT64", repetition_type };
  if (kind === "time") return { name, type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type };
  return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type };
}

function valueOf(kind: ColumnKind, cell: Cell): string | bigint | null {
  if (cell === null || typeof cell === "string") return cell;
  if (typeof cell !== "bigint") return blocksText(cell);
  if (kind === "money") return cell.toString();
  const value = kind === "time" ? cell * 1_000n : cell;
  if (value > LAST_INT64) throw new RangeError(`${cell} has more than 64 bits`);
  return value;
}
