/**
 * EIP-712: hashes of typed structured data, for any types.
 *
 * `compileStruct` turns a table of types into a function once; hashing a value then only writes words and calls keccak. It is several
 * times faster than a general encoder that reads the types again for each value, and that is what intake and simulation live on.
 * Imports nothing that a browser lacks.
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { keccak256Of } from "./keccak.js";

/** A member of a struct: its name and its type, as in the EIP's type strings. */
export interface TypedField {
  readonly name: string;
  readonly type: string;
}

/** Struct types by name. */
export type TypedTypes = Readonly<Record<string, readonly TypedField[]>>;

/** What a signature is bound to. Absent members are not part of the domain's type, as the EIP has it. */
export interface TypedDomain {
  readonly name?: string;
  readonly version?: string;
  readonly chainId?: bigint;
  readonly verifyingContract?: string;
  /** 32 bytes, hex. */
  readonly salt?: string;
}

/** The 32-byte struct hash of a value. */
export type StructHasher = (value: object) => Uint8Array;

/** A type that cannot be read, or a value that is not of its type. */
export class TypedDataError extends Error {
  readonly type: string;

  constructor(type: string, problem: string) {
    super(`${type}: ${problem}`);
    this.name = "TypedDataError";
    this.type = type;
  }
}

/** Writes the 32-byte word of a value at an offset. */
type WordWriter = (value: unknown, target: Uint8Array, offset: number) => void;

const WORD_BYTES = 32;
const MASK_64 = (1n << 64n) - 1n;
const DOMAIN_FIELDS: readonly TypedField[] = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
  { name: "salt", type: "bytes32" },
];

/** What is frozen does not change: a separator holds as long as its domain. */
const SEPARATORS = new WeakMap<TypedDomain, Uint8Array>();

/** The type string of a struct, with the structs it refers to in alphabetical order behind it. */
export function encodeType(types: TypedTypes, name: string): string {
  const referred = new Set<string>();
  collectStructs(types, name, referred);
  referred.delete(name);
  return [name, ...[...referred].sort()].map((struct) => describeStruct(types, struct)).join("");
}

/** A function that hashes values of the struct type `name`. */
export function compileStruct(types: TypedTypes, name: string): StructHasher {
  return compileNamedStruct(types, name, new Map());
}

/** The domain separator. */
export function hashDomain(domain: TypedDomain): Uint8Array {
  const fields = DOMAIN_FIELDS.filter(({ name }) => domain[name as keyof TypedDomain] !== undefined);
  return compileStruct({ EIP712Domain: fields }, "EIP712Domain")(domain);
}

/** The domain separator, computed once for a domain that is frozen. */
export function separatorOf(domain: TypedDomain): Uint8Array {
  let separator = SEPARATORS.get(domain);
  if (separator === undefined) {
    separator = hashDomain(domain);
    if (Object.isFrozen(domain)) SEPARATORS.set(domain, separator);
  }
  return separator;
}

/** What is signed, from the domain separator and the struct hash: lower-case 0x hex. */
export function typedDigest(domainSeparator: Uint8Array, structHash: Uint8Array): string {
  const message = new Uint8Array(2 + 2 * WORD_BYTES);
  message[0] = 0x19;
  message[1] = 0x01;
  message.set(domainSeparator, 2);
  message.set(structHash, 2 + WORD_BYTES);
  return `0x${bytesToHex(keccak256Of(message))}`;
}

function compileNamedStruct(types: TypedTypes, name: string, compiled: Map<string, StructHasher>): StructHasher {
  const known = compiled.get(name);
  if (known !== undefined) return known;

  // Registered before its members are compiled, so that a struct may contain arrays of itself.
  const hasher: StructHasher = (value) => {
    const target = new Uint8Array(WORD_BYTES * (members.length + 1));
    target.set(typeHash);
    let offset = 0;
    for (const member of members) {
      offset += WORD_BYTES;
      const field = (value as Record<string, unknown>)[member.name];
      if (field === undefined || field === null) throw new TypedDataError(name, `${member.name} is missing`);
      member.write(field, target, offset);
    }
    return keccak256Of(target);
  };
  compiled.set(name, hasher);

  const typeHash = keccak256Of(utf8ToBytes(encodeType(types, name)));
  const members = structFields(types, name).map((field) => ({
    name: field.name,
    write: compileType(types, field.type, compiled),
  }));
  return hasher;
}

function compileType(types: TypedTypes, type: string, compiled: Map<string, StructHasher>): WordWriter {
  const array = /^(.*)\[(\d*)\]$/.exec(type);
  if (array !== null) return compileArray(type, compileType(types, array[1] ?? "", compiled), array[2] ?? "");

  if (types[type] !== undefined) {
    const hash = compileNamedStruct(types, type, compiled);
    return (value, target, offset) => {
      if (typeof value !== "object" || value === null) throw new TypedDataError(type, "not an object");
      target.set(hash(value), offset);
    };
  }

  return compileAtom(type);
}

/** An array is the hash of its members' words, one after the other. */
function compileArray(type: string, member: WordWriter, length: string): WordWriter {
  return (value, target, offset) => {
    if (!Array.isArray(value)) throw new TypedDataError(type, "not an array");
    if (length !== "" && value.length !== Number(length)) throw new TypedDataError(type, `${value.length} members`);
    const words = new Uint8Array(WORD_BYTES * value.length);
    value.forEach((item: unknown, index) => {
      member(item, words, WORD_BYTES * index);
    });
    target.set(keccak256Of(words), offset);
  };
}

function compileAtom(type: string): WordWriter {
  const number = /^(u?)int(\d{1,3})$/.exec(type);
  if (number !== null) return compileInteger(type, number[1] === "", Number(number[2]));

  const fixed = /^bytes(\d{1,2})$/.exec(type);
  if (fixed !== null) return compileFixedBytes(type, Number(fixed[1]));

  switch (type) {
    case "address":
      return (value, target, offset) => {
        target.set(parseBytes(type, value, 20), offset + 12);
      };
    case "bool":
      return (value, target, offset) => {
        if (typeof value !== "boolean") throw new TypedDataError(type, "not true or false");
        target[offset + 31] = value ? 1 : 0;
      };
    case "bytes":
      return (value, target, offset) => {
        target.set(keccak256Of(parseBytes(type, value)), offset);
      };
    case "string":
      return (value, target, offset) => {
        if (typeof value !== "string") throw new TypedDataError(type, "not a text");
        target.set(keccak256Of(utf8ToBytes(value)), offset);
      };
    default:
      throw new TypedDataError(type, "unknown type");
  }
}

function compileInteger(type: string, signed: boolean, bits: number): WordWriter {
  if (bits === 0 || bits > 256 || bits % 8 !== 0) throw new TypedDataError(type, "unknown type");
  const limit = 1n << BigInt(signed ? bits - 1 : bits);
  const minimum = signed ? -limit : 0n;
  return (value, target, offset) => {
    const number = parseInteger(type, value);
    if (number < minimum || number >= limit) throw new TypedDataError(type, `${number} is out of range`);
    writeWord(number, target, offset);
  };
}

function compileFixedBytes(type: string, length: number): WordWriter {
  if (length === 0 || length > WORD_BYTES) throw new TypedDataError(type, "unknown type");
  return (value, target, offset) => {
    target.set(parseBytes(type, value, length), offset);
  };
}

/** Numbers only where they are exact: a quantity that went through a float is refused, not rounded. */
function parseInteger(type: string, value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^-?(0|[1-9]\d*)$/.test(value)) return BigInt(value);
  throw new TypedDataError(type, `${String(value)} is not an integer`);
}

function parseBytes(type: string, value: unknown, length?: number): Uint8Array {
  if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value)) throw new TypedDataError(type, "not hex");
  if (length !== undefined && value.length !== 2 + 2 * length) throw new TypedDataError(type, `not ${length} bytes`);
  return hexToBytes(value.slice(2));
}

/** Two's complement, big-endian, in quarters: much cheaper than through a hex string. */
function writeWord(value: bigint, target: Uint8Array, offset: number): void {
  const view = new DataView(target.buffer, target.byteOffset + offset, WORD_BYTES);
  let rest = value;
  for (let at = 24; at >= 0 && rest !== 0n; at -= 8) {
    view.setBigUint64(at, rest & MASK_64);
    rest >>= 64n;
  }
}

function structFields(types: TypedTypes, name: string): readonly TypedField[] {
  const fields = types[name];
  if (fields === undefined) throw new TypedDataError(name, "unknown type");
  return fields;
}

function collectStructs(types: TypedTypes, name: string, found: Set<string>): void {
  if (found.has(name)) return;
  found.add(name);
  for (const field of structFields(types, name)) {
    const base = field.type.replace(/(\[\d*\])+$/, "");
    if (types[base] !== undefined) collectStructs(types, base, found);
  }
}

function describeStruct(types: TypedTypes, name: string): string {
  const members = structFields(types, name).map((field) => `${field.type} ${field.name}`);
  return `${name}(${members.join(",")})`;
}
