import { z } from "zod";
import { checksummed } from "../chain/checksum.js";
import { CODE_PATTERN } from "../chain/codes.js";

/** The atoms that every schema is made of. `…Input` parse what comes in; the others describe what goes out. */

const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_UINT256 = 2n ** 256n - 1n;
const DECIMAL = /^(0|[1-9][0-9]*)$/;
const DECIMAL_MESSAGE = "must be a whole number as a string of digits, without sign, fraction or leading zero";

export const decimal = z
  .string()
  .regex(DECIMAL, DECIMAL_MESSAGE)
  .max(78)
  .describe("A whole number as a decimal string.");
export const address = z.string().describe("EIP-55 address.");
export const hash = z.string().describe("32 bytes, lower-case hexadecimal.");
export const code = z.string().describe("1 to 31 characters of A-Z, 0-9, hyphen and dot.");
export const day = z.iso.date();
export const dateTime = z.iso.datetime();
export const blockNumber = z.int().nonnegative();
export const publicDocument = z.record(z.string(), z.unknown()).describe("A public record, free of personal data.");

/** A whole number as text, in bounds; parsed to bigint. */
export const boundedInteger = (minimum: bigint, maximum: bigint, what: string) =>
  z
    .string()
    .max(78, DECIMAL_MESSAGE)
    .regex(DECIMAL, DECIMAL_MESSAGE)
    .transform((text) => BigInt(text))
    .refine((value) => value >= minimum && value <= maximum, `must be from ${minimum} to ${what}`);

/** At least 1, at most 2^64 - 1; parsed to bigint. */
export const tonnesInput = boundedInteger(1n, MAX_UINT64, "2^64 - 1");
/** A serial number, 1 to 2^64 - 1; parsed to bigint. */
export const serialInput = boundedInteger(1n, MAX_UINT64, "2^64 - 1");
/** 0 to 2^256 - 1; parsed to bigint. */
export const uint256Input = boundedInteger(0n, MAX_UINT256, "2^256 - 1");

export const serialBlock = z.strictObject({ start: decimal, end: decimal });

/** EIP-55, or without any capital letter; parsed to EIP-55. */
export const addressInput = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "must be an address: 0x and 40 hexadecimal digits")
  .refine(
    (text) => text === text.toLowerCase() || checksummed(text) === text,
    "the address's checksum (EIP-55) is wrong",
  )
  .transform(checksummed);

/** 32 bytes; parsed to lower case. */
export const hashInput = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "must be 0x and 64 hexadecimal digits")
  .transform((text) => text.toLowerCase());

/** Bytes of any length up to 64 kB; parsed to lower case. */
export const bytesInput = z
  .string()
  .max(131_074)
  .regex(/^0x([0-9a-fA-F]{2})*$/, "must be 0x and an even number of hexadecimal digits")
  .transform((text) => text.toLowerCase());

export const codeInput = z.string().regex(CODE_PATTERN, "must be 1 to 31 characters of A-Z, 0-9, hyphen and dot");
/** PostgreSQL, as the calendar, has no year 0. */
const hasYear = (text: string): boolean => !text.startsWith("0000");
const NO_YEAR = "must be of the year 1 or later";
export const dayInput = z.iso.date("must be a day, as 2024-01-31").refine(hasYear, NO_YEAR);
export const dateTimeInput = z.iso.datetime("must be a time in UTC, as 2024-01-31T00:00:00Z").refine(hasYear, NO_YEAR);
/** In a path or a query, where everything is text; parsed to a number. */
export const idInput = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, "must be a number from 1")
  .transform(Number)
  .refine((value) => value < 2 ** 31, "must be below 2^31");
/** A block number in a query; parsed to bigint. */
export const blockNumberInput = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/, "must be a block number")
  .transform((text) => BigInt(text));

/** A field of a request that may be left out or null; parsed to undefined then. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** What every resource that a transaction made carries. */
export const onChain = {
  txHash: hash,
  blockNumber,
  links: z.record(z.string(), z.string().nullable()),
};
