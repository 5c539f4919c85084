import canonicalize from "canonicalize";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { isSame, Rejection } from "./bytes.js";

/** The largest JSON that is looked at, in bytes: many times what the longest proof needs. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 12;

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** The value of JSON in bounded time and memory. @throws Rejection `too-large`, or `not-readable` when it is no JSON in UTF-8 */
export function readJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_JSON_BYTES) {
    throw new Rejection("too-large", `The JSON has ${bytes.length} bytes; at most ${MAX_JSON_BYTES} are read.`);
  }
  checkDepth(bytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new Rejection("not-readable", "The file is no JSON in UTF-8.");
  }
}

/**
 * The value of JSON that is written in the one way of RFC 8785, so that no byte of it is without meaning.
 * @throws Rejection `not-canonical` for any other way; else as `readJson`
 */
export function readCanonicalJson(bytes: Uint8Array): unknown {
  const value = readJson(bytes);
  if (!isSame(utf8ToBytes(canonical(value)), bytes)) {
    throw new Rejection("not-canonical", "The JSON is not in canonical form (RFC 8785), byte for byte.");
  }
  return value;
}

/** RFC 8785. @throws Rejection `not-canonical` for a text with half a surrogate pair, or a number that is none */
export function canonical(value: unknown): string {
  try {
    return canonicalize(value) ?? "";
  } catch {
    throw new Rejection("not-canonical", "The JSON has a text or number without a canonical form.");
  }
}

function checkDepth(bytes: Uint8Array): void {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) {
      isText = true;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new Rejection("not-readable", `The JSON is nested deeper than ${MAX_DEPTH} levels.`);
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
}
