/** A strict reader of a few JSON shapes: every member is there, none besides, each of exactly one form. Needs no library. */

/** A member that is missing, superfluous or of another form. `path` says where. */
export class ShapeError extends Error {
  constructor(path: string, what: string) {
    super(`${path === "" ? "The document" : path} ${what}`);
    this.name = "ShapeError";
  }
}

/** Reads one value. @throws ShapeError */
export type Reader<T> = (value: unknown, path: string) => T;

const ADDRESS = /^0x[0-9a-f]{40}$/;
const HASH = /^0x[0-9a-f]{64}$/;
const HEX = /^0x(?:[0-9a-f]{2})*$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;
const SIGNATURE = /^0x[0-9a-f]{128}(?:1b|1c)$/;
/** The most characters of a text that is neither hexadecimal nor a list. */
const MAX_TEXT = 65_536;

/** @param what What it should have been. */
export const pattern =
  (form: RegExp, what: string): Reader<string> =>
  (value, path) => {
    if (typeof value !== "string" || !form.test(value)) throw new ShapeError(path, `is not ${what}`);
    return value;
  };

export const address = pattern(ADDRESS, "an address (0x and 40 lower-case digits)");
export const hash = pattern(HASH, "32 bytes (0x and 64 lower-case digits)");
export const decimal = pattern(DECIMAL, "a number (decimal, without leading zeros)");
export const signature = pattern(SIGNATURE, "a signature (r, s, and 1b or 1c, in lower-case digits)");

/** @param limit The most bytes. */
export function hex(limit: number): Reader<string> {
  return (value, path) => {
    if (typeof value === "string" && value.length <= 2 + 2 * limit && HEX.test(value)) return value;
    throw new ShapeError(path, `is not at most ${limit} bytes (0x and lower-case digits)`);
  };
}

export const text: Reader<string> = (value, path) => {
  if (typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT) return value;
  throw new ShapeError(path, "is no text");
};

export function oneOf<const T extends string>(...values: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = values.find((allowed) => allowed === value);
    if (found === undefined) throw new ShapeError(path, `is not ${values.join(" or ")}`);
    return found;
  };
}

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : reader(value, path));
}

/** @param most The most items. */
export function listOf<T>(reader: Reader<T>, most: number): Reader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new ShapeError(path, "is no list");
    if (value.length > most) throw new ShapeError(path, `has more than ${most} items`);
    return value.map((item, at) => reader(item, `${path}[${at}]`));
  };
}

/** An object with exactly these members. */
export function objectOf<T extends object>(members: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> {
  const names = Object.keys(members) as (keyof T & string)[];
  return (value, path) => {
    const found = recordOf(value, path);
    const foreign = Object.keys(found).find((name) => !Object.hasOwn(members, name));
    if (foreign !== undefined) throw new ShapeError(path, `has a member ${JSON.stringify(foreign.slice(0, 40))}`);
    const read: Partial<T> = {};
    for (const name of names) {
      const at = path === "" ? name : `${path}.${name}`;
      if (!Object.hasOwn(found, name)) throw new ShapeError(at, "is missing");
      read[name] = members[name](found[name], at);
    }
    return read as T;
  };
}

/** One of several objects, told apart by their member `kind`. */
export function byKind<T extends { readonly kind: string }>(readers: {
  readonly [K in T["kind"]]: Reader<Extract<T, { readonly kind: K }>>;
}): Reader<T> {
  return (value, path) => {
    const { kind } = recordOf(value, path);
    if (typeof kind !== "string" || !Object.hasOwn(readers, kind)) {
      throw new ShapeError(`${path}.kind`, `is not ${Object.keys(readers).join(" or ")}`);
    }
    return readers[kind as T["kind"]](value, path);
  };
}

function recordOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(path, "is no object");
  return value as Record<string, unknown>;
}
