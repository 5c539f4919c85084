import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { CliError } from "./errors.js";

/** What a person would otherwise say with each command. */
export interface Profile {
  readonly url?: string;
  /** API key. */
  readonly key?: string;
  /** Name of the keystore that signs. */
  readonly signWith?: string;
  readonly locale?: string;
  readonly timeZone?: string;
}

export interface Profiles {
  /** The one that is taken when none is named. */
  readonly current: string | null;
  readonly profiles: Readonly<Record<string, Profile>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Letters, digits, dot, hyphen, underscore: it is also the name of a file. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Where profiles and keystores are: CARBON_HOME, or `carbon` in the place that XDG has for settings. */
export function homeOf(env: Environment): string {
  const own = env["CARBON_HOME"];
  if (own) return own;
  const base = env["XDG_CONFIG_HOME"];
  // XDG: a path that is not absolute does not count.
  return join(base?.startsWith("/") === true ? base : join(env["HOME"] || homedir(), ".config"), "carbon");
}

/** @throws CliError when the file is there and cannot be understood */
export function readProfiles(env: Environment): Profiles {
  const file = fileOf(env);
  if (!existsSync(file)) return { current: null, profiles: namedProfiles({}) };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new CliError(`The profiles in ${file} cannot be read.`, { cause: error });
  }
  if (!isProfiles(value)) throw new CliError(`The profiles in ${file} are not what carbon wrote.`);
  return { current: value.current, profiles: namedProfiles(value.profiles) };
}

/** For the owner's eyes only: it holds API keys. @throws CliError */
export function writeProfiles(env: Environment, profiles: Profiles): void {
  const file = fileOf(env);
  try {
    makeHome(homeOf(env));
    const fresh = `${file}.new`;
    writeFileSync(fresh, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
    chmodSync(fresh, 0o600);
    renameSync(fresh, file);
  } catch (error) {
    throw new CliError(`The profiles cannot be written to ${file}.`, { cause: error });
  }
}

/** A directory that nobody else can look into. */
export function makeHome(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
}

/** A name like "constructor" must not find what every object has. */
function namedProfiles(profiles: Profiles["profiles"]): Profiles["profiles"] {
  return Object.assign(Object.create(null) as Record<string, Profile>, profiles);
}

function fileOf(env: Environment): string {
  return join(homeOf(env), "profiles.json");
}

function isProfiles(value: unknown): value is Profiles {
  if (typeof value !== "object" || value === null || !("current" in value) || !("profiles" in value)) return false;
  const { current, profiles } = value;
  if (current !== null && typeof current !== "string") return false;
  if (typeof profiles !== "object" || profiles === null) return false;
  return Object.values(profiles).every(
    (profile: unknown) =>
      typeof profile === "object" &&
      profile !== null &&
      Object.values(profile).every((member) => typeof member === "string"),
  );
}
