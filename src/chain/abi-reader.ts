import type { ParamType } from "ethers";

/** Encoded data that is not what its types say. */
export class AbiError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AbiError";
  }
}

/**
 * Turns the digits of one value into what it becomes: the 64 of a word, or the bytes of a `bytes` or `string`, as hexadecimal digits
 * without 0x.
 */
export type Leaf<T> = (digits: string) => T;

/** What lists and tuples of leaves become. */
export type Tree<T> = T | Tree<T>[] | { [name: string]: Tree<T> };

/** Reads one value. Places are counted in hexadecimal digits. */
export interface AbiReader<T> {
  /** Its head is where it is, not what it is. */
  readonly isDynamic: boolean;
  /** Of the head. */
  readonly length: number;
  /** @param frame Where offsets are counted from. @param at The place of the head. @throws AbiError */
  read(data: string, frame: number, at: number): Tree<T>;
}

/** Of a word, and of two words less the digits that a place in memory can have. */
export const WORD = 64;
const PLACE = 12;
const NO_DIGITS = "0".repeat(WORD - PLACE);

/**
 * Makes a reader for a type of the Solidity ABI (contract ABI specification, "Formal Specification of the Encoding"). What there is to
 * know of the type is found out here, once; ethers' decoder finds it out for each value, and takes ten times as long.
 * @param leafOf Says what becomes of a value that is no list and no tuple. `path`: names from the top, lists go by their own name.
 * @throws RangeError for lists of a fixed length, which no event of ours has
 */
export function abiReader<T>(
  param: ParamType,
  path: string,
  leafOf: (param: ParamType, path: string) => Leaf<T>,
): AbiReader<T> {
  if (param.isArray()) {
    if (param.arrayLength !== -1) throw new RangeError(`There is no reader for ${param.type}`);
    return listReader(abiReader(param.arrayChildren, path, leafOf));
  }
  if (param.isTuple()) {
    const parts = param.components.map((part) => abiReader(part, `${path}.${part.name}`, leafOf));
    return tupleReader(
      param.components.map(({ name }) => name),
      parts,
    );
  }
  const leaf = leafOf(param, path);
  return param.type === "string" || param.type === "bytes" ? bytesReader(leaf) : wordReader(leaf);
}

/** The digits of a word. @throws AbiError when the data ends before it does */
export function wordAt(data: string, at: number): string {
  return digitsAt(data, at, WORD);
}

/** A place or a length, as digits: words count bytes. */
export function placeAt(data: string, at: number): number {
  const word = wordAt(data, at);
  if (!word.startsWith(NO_DIGITS)) throw new AbiError(`No place in the data: ${word}`);
  return 2 * parseInt(word.slice(WORD - PLACE), 16);
}

function digitsAt(data: string, at: number, length: number): string {
  if (at + length > data.length) throw new AbiError(`The data ends at ${data.length}, before ${at + length}`);
  return data.slice(at, at + length);
}

function wordReader<T>(leaf: Leaf<T>): AbiReader<T> {
  return { isDynamic: false, length: WORD, read: (data, _frame, at) => leaf(wordAt(data, at)) };
}

function bytesReader<T>(leaf: Leaf<T>): AbiReader<T> {
  return {
    isDynamic: true,
    length: WORD,
    read(data, frame, at) {
      const start = frame + placeAt(data, at);
      return leaf(digitsAt(data, start + WORD, placeAt(data, start)));
    },
  };
}

function listReader<T>(item: AbiReader<T>): AbiReader<T> {
  return {
    isDynamic: true,
    length: WORD,
    read(data, frame, at) {
      const start = frame + placeAt(data, at);
      const first = start + WORD;
      const length = placeAt(data, start) / 2;
      // Each item has a head: a length that the data has no room for is refused before a list of it is made.
      if (first + length * item.length > data.length) throw new AbiError(`There is no room for ${length} items`);
      return Array.from({ length }, (_, i) => item.read(data, first, first + i * item.length));
    },
  };
}

function tupleReader<T>(names: readonly string[], parts: readonly AbiReader<T>[]): AbiReader<T> {
  const isDynamic = parts.some((part) => part.isDynamic);
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return {
    isDynamic,
    length: isDynamic ? WORD : size,
    read(data, frame, at) {
      let place = isDynamic ? frame + placeAt(data, at) : at;
      const inner = place;
      const object: { [name: string]: Tree<T> } = {};
      for (const [i, part] of parts.entries()) {
        object[names[i] ?? ""] = part.read(data, inner, place);
        place += part.length;
      }
      return object;
    },
  };
}
