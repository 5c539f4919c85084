import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";

import { Problem } from "../errors.js";

export type Encoding = "utf-8" | "windows-1252";

/** A row of the file: its cells, and the line where it begins, from 1. */
export interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/** The most characters of a row. */
const MAX_RECORD = 1024 * 1024;
const CHUNK = 64 * 1024;
/** Control characters that no table has: such a file is no text, or UTF-16. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f]/;
/** Bytes that Windows-1252 does not have either. */
// eslint-disable-next-line no-control-regex
const NEVER = /[\x00-\x08\x0b\x0c\x0e-\x1f\x81\x8d\x8f\x90\x9d]/;

/**
 * The encoding of a file: what was declared, if that can be, otherwise UTF-8 if it is that, otherwise Windows-1252.
 * @throws Problem `import-encoding-invalid`, with the line
 */
export async function encodingOf(path: string, declared: Encoding | null): Promise<Encoding> {
  if (declared === "windows-1252") {
    await checkWindows1252(path, "The file was declared to be Windows-1252");
    return declared;
  }
  const line = await firstLineNotUtf8(path);
  if (line === null) return "utf-8";
  if (declared === "utf-8") throw new Problem("import-encoding-invalid", `Line ${line} is not UTF-8, as was declared.`);
  await checkWindows1252(path, "The file is not UTF-8");
  return "windows-1252";
}

/** Where the file stops being UTF-8 without control characters; null when it is that to its end. */
async function firstLineNotUtf8(path: string): Promise<number | null> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for await (const chunk of bytesOf(path)) {
    if (CONTROL.test(chunk.toString("latin1"))) return line;
    try {
      decoder.decode(chunk, { stream: true });
    } catch {
      return line + linesBefore(chunk);
    }
    line += countLines(chunk);
  }
  try {
    decoder.decode();
  } catch {
    return line;
  }
  return null;
}

/** Where in the chunk the first byte lies that breaks UTF-8, in lines: found by trying ever shorter beginnings of it. */
function linesBefore(chunk: Buffer): number {
  // A character that began in the chunk before.
  let good = 0;
  while (good < 3 && ((chunk[good] ?? 0) & 0xc0) === 0x80) good += 1;
  const first = good;
  let bad = chunk.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8Start(chunk.subarray(first, middle))) good = middle;
    else bad = middle;
  }
  return countLines(chunk.subarray(0, good));
}

function isUtf8Start(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

async function checkWindows1252(path: string, what: string): Promise<void> {
  let line = 1;
  for await (const chunk of bytesOf(path)) {
    const at = chunk.toString("latin1").search(NEVER);
    if (at >= 0) {
      const found = line + countLines(chunk.subarray(0, at));
      throw new Problem("import-encoding-invalid", `${what}, and line ${found} has a byte that Windows-1252 lacks.`);
    }
    line += countLines(chunk);
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/**
 * Rows of a CSV file, one after the other, the header first. What is in memory does not grow with the file.
 * @throws Problem `import-file-invalid`, with the line
 */
export async function* readCsv(path: string, encoding: Encoding): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD,
  });
  pipeline(Readable.from(textOf(path, encoding)), parser, () => undefined);
  let lastLine = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { cells: record, line: lastLine + 1 };
      lastLine = info.lines;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Problem("import-file-invalid", `Line ${lastLine + 1}: ${error.message}`, {}, { cause: error });
  } finally {
    parser.destroy();
  }
}

async function* textOf(path: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of bytesOf(path)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function bytesOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: CHUNK });
}
