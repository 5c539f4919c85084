import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Response } from "express";
import type { Content, Reply } from "./route.js";

/**
 * Sends a body as it is. Pieces go out as fast as the reader takes them.
 * @throws What a piece threw; the connection is cut by then, so that nobody takes half of it for the whole.
 */
export async function sendContent(response: Response, reply: Reply, content: Content): Promise<void> {
  const { type, body, fileName } = content;
  response.status(reply.status);
  if (fileName !== undefined) response.attachment(fileName);
  response.set(reply.headers ?? {});
  // Express would add a charset of its own.
  response.setHeader("content-type", type);
  if (typeof body === "string" || body instanceof Uint8Array) {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    response.setHeader("content-length", bytes.length);
    response.end(bytes);
    return;
  }
  if (response.req.method === "HEAD") {
    await body[Symbol.asyncIterator]().return?.();
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(body, { objectMode: false }), response);
  } catch (error) {
    // The reader left: that is its right, and nobody's mistake.
    if (!isPrematureClose(error)) throw error;
  }
}

function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}
