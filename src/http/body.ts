import { isUtf8 } from "node:buffer";
import express, { type Request, type RequestHandler, type Response } from "express";
import { Problem } from "../errors.js";

/** The largest body, in bytes. */
export const MAX_BODY = 256 * 1024;

const parser: RequestHandler = express.json({
  limit: MAX_BODY,
  inflate: false,
  strict: true,
  type: (request) => isJsonType(request.headers["content-type"]),
  verify(_request, _response, bytes) {
    if (!isUtf8(bytes)) throw Object.assign(new Error("The body is not UTF-8."), { type: "utf8.invalid" });
  },
});

/**
 * The JSON of the request; undefined when there is no body.
 * @throws Problem `unsupported-media-type`, `body-too-large`, `malformed-json`
 */
export async function parseJsonBody(request: Request, response: Response): Promise<unknown> {
  if (!hasBody(request)) return undefined;
  if (!isJsonType(request.headers["content-type"])) throw new Problem("unsupported-media-type");
  await new Promise<void>((resolve, reject) => {
    parser(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(problemOfBody(error));
    });
  });
  return request.body as unknown;
}

function hasBody(request: { headers: Request["headers"] }): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

/** `application/json` and its relatives (`+json`), in UTF-8. */
function isJsonType(type = ""): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type);
}

function problemOfBody(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("The body could not be parsed.", { cause: error });
  if (!("type" in error)) return error;
  switch (error.type) {
    case "entity.too.large":
      return new Problem("body-too-large");
    case "entity.parse.failed":
    case "utf8.invalid":
      return new Problem("malformed-json", error.message.slice(0, 200));
    case "encoding.unsupported":
    case "charset.unsupported":
      return new Problem("unsupported-media-type");
    case "request.size.invalid":
    case "request.aborted":
      return new Problem("malformed-json", "The body ended before its stated length.");
    default:
      return error;
  }
}
