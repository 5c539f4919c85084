import { InvalidArgumentError } from "commander";
import { CODE_PATTERN } from "../chain/codes.js";
import { NAME_PATTERN } from "./profiles-file.js";

/** What people write, checked and parsed, before anything is asked of anyone. A mistake is exit code 2. */

/** Tonnes or money: digits only, since `1.000` is a thousand to some and one to others. */
export function quantity(text: string): bigint {
  if (!/^[1-9]\d{0,37}$/.test(text)) {
    throw new InvalidArgumentError("It must be a whole number from 1, in digits alone.");
  }
  return BigInt(text);
}

export function wholeNumber(text: string): bigint {
  if (!/^(0|[1-9]\d{0,77})$/.test(text)) {
    throw new InvalidArgumentError("It must be a whole number, in digits alone.");
  }
  return BigInt(text);
}

/** A small number from 1: of a participant, of rows, of seconds. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(text);
}

/** The number of a retirement. */
export function retirementNumber(text: string): string {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1.");
  return text;
}

/** 0x and 40 hexadecimal digits; whether the checksum is right, the service says. */
export function address(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new InvalidArgumentError("It must be an account: 0x and 40 hexadecimal digits.");
  }
  return text;
}

export function hash(text: string): string {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError("It must be 0x and 64 hexadecimal digits.");
  return text.toLowerCase();
}

export function code(text: string): string {
  if (!CODE_PATTERN.test(text)) {
    throw new InvalidArgumentError("It must be a code: 1 to 31 characters of A-Z, 0-9, hyphen and dot.");
  }
  return text;
}

export function day(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
  if (!isDay || new Date(`${text}T00:00:00Z`).toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError("It must be a day, as 2026-01-31.");
  }
  return text;
}

/** A moment, with its zone; as the API has it. */
export function moment(text: string): string {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(\.\d{1,3})?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const date = new Date(text);
  if (!isTime || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError("It must be a time with its zone, as 2026-01-31T09:00:00+07:00, or a day in UTC.");
  }
  return date.toISOString();
}

/** `30m`, `12h`, `7d`; in seconds. */
export function duration(text: string): bigint {
  const [, number, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const seconds = { s: 1n, m: 60n, h: 3_600n, d: 86_400n }[unit ?? ""];
  if (number === undefined || seconds === undefined) {
    throw new InvalidArgumentError("It must be a number and s, m, h or d, as 12h.");
  }
  return BigInt(number) * seconds;
}

export interface SerialBlock {
  readonly start: string;
  readonly end: string;
}

/** `1-500` or `7`, several of them with commas between. */
export function serials(text: string, before: readonly SerialBlock[] = []): SerialBlock[] {
  const blocks = text.split(",").map((part) => {
    const [, start = "", end = start] = /^([1-9]\d{0,17})(?:-([1-9]\d{0,17}))?$/.exec(part.trim()) ?? [];
    if (start === "" || BigInt(end) < BigInt(start)) {
      throw new InvalidArgumentError("Serials are numbers or blocks of them, as 1-500,601.");
    }
    return { start, end };
  });
  return [...before, ...blocks];
}

/** How many serials there are in some blocks. */
export function lengthOf(blocks: readonly SerialBlock[]): bigint {
  return blocks.reduce((sum, { start, end }) => sum + BigInt(end) - BigInt(start) + 1n, 0n);
}

export function name(text: string): string {
  if (!NAME_PATTERN.test(text)) {
    throw new InvalidArgumentError("It has letters, digits, dots, hyphens and underscores, at most 64.");
  }
  return text;
}

export function serviceUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError("It must be an http(s) address.");
  }
  return text.replace(/\/+$/, "");
}

/** A list with commas. */
export function list(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}
