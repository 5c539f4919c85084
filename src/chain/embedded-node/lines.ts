import { createReadStream } from "node:fs";

export interface Line {
  /** Without the newline. */
  readonly bytes: Buffer;
  /** Offset in the file after the line and its newline. */
  readonly end: number;
  /** False for a last line without a newline. */
  readonly isTerminated: boolean;
}

const NEWLINE = 0x0a;

/** The lines of a file up to `limit` bytes, one at a time, with their place in it. */
export async function* readLines(path: string, limit = Number.POSITIVE_INFINITY): AsyncIterable<Line> {
  if (limit <= 0) return;
  let pieces: Buffer[] = [];
  let end = 0;

  const stream = createReadStream(path, { end: limit - 1, highWaterMark: 1024 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      const bytes = Buffer.concat([...pieces, chunk.subarray(start, at)]);
      pieces = [];
      start = at + 1;
      end += bytes.length + 1;
      yield { bytes, end, isTerminated: true };
    }
    pieces.push(chunk.subarray(start));
  }

  const rest = Buffer.concat(pieces);
  if (rest.length > 0) yield { bytes: rest, end: end + rest.length, isTerminated: false };
}
