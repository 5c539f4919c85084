import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import busboy from "busboy";
import type { Request } from "express";
import { Problem } from "../errors.js";

/** A file that a request brought, on disk until `discard`. */
export interface UploadedFile {
  readonly path: string;
  /** As the sender calls it, without directories. */
  readonly name: string;
  readonly bytes: bigint;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  discard(): Promise<void>;
}

/** What a route that takes a file allows. */
export interface UploadLimits {
  readonly maxBytes: number;
  /** Name of the file's field, for the reference. */
  readonly field: string;
}

const FIELD_LIMITS = { fields: 20, fieldNameSize: 100, fieldSize: 4_096, files: 1, parts: 22, headerPairs: 20 };

/**
 * Reads a form with one file. The file goes to disk piece by piece; the caller discards it.
 * @returns the fields as texts, and the file
 * @throws Problem `unsupported-media-type`, `upload-invalid`, `upload-too-large`
 */
export async function receiveUpload(
  request: Request,
  { maxBytes, field }: UploadLimits,
): Promise<{ readonly fields: Readonly<Record<string, string>>; readonly file: UploadedFile }> {
  if (!/^multipart\/form-data\s*;/i.test(request.headers["content-type"] ?? "")) {
    throw new Problem("unsupported-media-type", "Send `Content-Type: multipart/form-data` with a boundary.");
  }
  const directory = await mkdtemp(join(tmpdir(), "carbon-upload-"));
  const discard = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const { fields, file } = await readForm(request, join(directory, "file"), { maxBytes, field });
    if (file === null) throw new Problem("upload-invalid", `There is no file in the field \`${field}\`.`);
    return { fields, file: { ...file, path: join(directory, "file"), discard } };
  } catch (error) {
    await discard();
    // What is left of the body is read and thrown away: leaving early would cut the connection before the answer.
    request.resume();
    throw error;
  }
}

type Written = Pick<UploadedFile, "name" | "bytes" | "sha256">;

async function readForm(
  request: Request,
  path: string,
  { maxBytes, field }: UploadLimits,
): Promise<{ fields: Record<string, string>; file: Written | null }> {
  const fields: Record<string, string> = {};
  const files: Promise<Written>[] = [];
  await new Promise<void>((resolve, reject) => {
    const fail = (detail: string): void => reject(new Problem("upload-invalid", detail));
    const form = openForm(request, maxBytes);
    form.on("field", (name, value, { valueTruncated, nameTruncated }) => {
      if (valueTruncated || nameTruncated) fail(`The field ${JSON.stringify(name)} is too long.`);
      else if (Object.hasOwn(fields, name)) fail(`The field ${JSON.stringify(name)} is there twice.`);
      else fields[name] = value;
    });
    form.on("file", (name, stream, { filename }) => {
      if (name !== field) fail(`A file stands in the field ${JSON.stringify(name)}, not in \`${field}\`.`);
      const writing = write(stream, path, (filename || "file").slice(0, 200), maxBytes);
      writing.catch(reject);
      files.push(writing);
    });
    for (const limit of ["filesLimit", "fieldsLimit", "partsLimit"] as const) {
      form.on(limit, () => fail("The form has too many parts."));
    }
    form.on("error", (error) => fail(error instanceof Error ? error.message : "The form is malformed."));
    form.on("close", resolve);
    request.on("aborted", () => fail("The upload ended before its end."));
    request.pipe(form);
  }).finally(() => request.unpipe());
  const [file = null] = await Promise.all(files);
  return { fields, file };
}

function openForm(request: Request, maxBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      limits: { ...FIELD_LIMITS, fileSize: maxBytes + 1 },
      defParamCharset: "utf8",
    });
  } catch (cause) {
    throw new Problem("upload-invalid", cause instanceof Error ? cause.message : undefined, {}, { cause });
  }
}

async function write(stream: Readable, path: string, name: string, maxBytes: number): Promise<Written> {
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes <= maxBytes) done(null, chunk);
      else done(new Problem("upload-too-large", `The file has more than ${maxBytes} bytes.`));
    },
  });
  await pipeline(stream, measure, createWriteStream(path, { flags: "wx", mode: 0o600 }));
  return { name, bytes: BigInt(bytes), sha256: hash.digest("hex") };
}
