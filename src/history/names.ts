import type { Db } from "../db/connection.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { nameIn } from "../documents.js";
import { wordsOf } from "../ledger/search-text.js";

/** What the public record of a project says; null what it does not. */
export interface ProjectFacts {
  readonly name: string | null;
  readonly programme: string | null;
  readonly methodology: string | null;
  readonly sector: string | null;
}

/** The public records of projects and firms, as they are now: what the chain's codes and numbers stand for. */
export interface Directory {
  project(code: string): ProjectFacts;
  firmName(id: number | null): string | null;
  /** Whose account it is; null when it is nobody's. */
  firmOf(account: string): number | null;
  /** Codes of the projects that fit everything given; undefined when nothing is. A text that is a code means that one. */
  projectsLike(asked: ProjectQuery): string[] | undefined;
  /** Numbers of the firms whose name has all the words, or that have this number or tax code. */
  firmsLike(text: string): number[];
}

export interface ProjectQuery {
  readonly project?: string | undefined;
  readonly programme?: string | undefined;
  readonly methodology?: string | undefined;
  readonly sector?: string | undefined;
}

export const UNKNOWN_PROJECT: ProjectFacts = { name: null, programme: null, methodology: null, sector: null };

interface Entry {
  readonly facts: ProjectFacts;
  readonly words: Readonly<Record<keyof ProjectQuery, readonly string[]>>;
}

interface Firm {
  readonly name: string | null;
  readonly taxCode: string;
  readonly words: readonly string[];
}

/**
 * Keeps the directory until the read model has moved on.
 * @param position Where the read model is: equal as long as nothing changed.
 */
export function createDirectory(db: Db, position: () => unknown): () => Promise<Directory> {
  let known: { readonly position: unknown; readonly directory: Promise<Directory> } | undefined;
  return () => {
    const now = position();
    if (known === undefined || known.position !== now || now === null) {
      const directory = readDirectory(db);
      const entry = { position: now, directory };
      known = entry;
      directory.catch(() => {
        if (known === entry) known = undefined;
      });
    }
    return known.directory;
  };
}

/** All projects, firms and accounts: a few thousand rows at most. */
export async function readDirectory(db: Db): Promise<Directory> {
  const projectRows = await db
    .selectFrom("projects")
    .leftJoin("documents", "documents.hash", "projects.document_hash")
    .select(["projects.code", "documents.body"])
    .execute();
  const firmRows = await db
    .selectFrom("participants")
    .leftJoin("documents", "documents.hash", "participants.document_hash")
    .select(["participants.id", "participants.tax_code", "documents.body"])
    .execute();
  const accounts = await db.selectFrom("accounts").select(["address", "participant_id"]).execute();
  return directoryOf(
    new Map(projectRows.map(({ code, body }) => [code, entryOf(body ?? undefined)])),
    new Map(firmRows.map(({ id, tax_code, body }) => [id, firmEntry(tax_code, nameIn(body ?? undefined))])),
    new Map(accounts.map(({ address, participant_id }) => [address, participant_id])),
  );
}

function directoryOf(
  projects: ReadonlyMap<string, Entry>,
  firms: ReadonlyMap<number, Firm>,
  accounts: ReadonlyMap<string, number>,
): Directory {
  return {
    project: (code) => projects.get(code)?.facts ?? UNKNOWN_PROJECT,
    firmName: (id) => (id === null ? null : (firms.get(id)?.name ?? null)),
    firmOf: (account) => accounts.get(account) ?? null,

    projectsLike(asked) {
      const wanted = Object.entries(asked).filter(([, text]) => text !== undefined) as [keyof ProjectQuery, string][];
      if (wanted.length === 0) return undefined;
      const fits = ([code, { words }]: [string, Entry]): boolean =>
        wanted.every(([name, text]) =>
          name === "project" && projects.has(text) ? code === text : hasWords(words[name], wordsOf(text)),
        );
      return [...projects].filter(fits).map(([code]) => code);
    },

    firmsLike(text) {
      const words = wordsOf(text);
      const fits = ([id, firm]: [number, Firm]): boolean =>
        text === String(id) || text === firm.taxCode || hasWords(firm.words, words);
      return [...firms].filter(fits).map(([id]) => id);
    },
  };
}

function entryOf(document: JsonObject | undefined): Entry {
  const text = (...names: string[]): string | null => {
    const found = names.map((name) => document?.[name]).find((value) => typeof value === "string" && value !== "");
    return typeof found === "string" ? found : null;
  };
  const allWords = (...names: string[]): string[] =>
    names.flatMap((name) => {
      const value = document?.[name];
      return typeof value === "string" ? wordsOf(value) : [];
    });
  return {
    facts: {
      name: nameIn(document),
      programme: text("programme", "programmeName"),
      methodology: text("methodology", "methodologyTitle"),
      sector: text("sector", "scope"),
    },
    words: {
      project: allWords("name"),
      programme: allWords("programme", "programmeName"),
      methodology: allWords("methodology", "methodologyTitle"),
      sector: allWords("sector", "scope", "projectType"),
    },
  };
}

function firmEntry(taxCode: string, name: string | null): Firm {
  return { name, taxCode, words: name === null ? [] : wordsOf(name) };
}

/** From so many letters on, the last word may be the beginning of one: as the search in records has it. */
const PREFIX = 3;

/** True when all words are there, in whatever order. */
export function hasWords(words: readonly string[], asked: readonly string[]): boolean {
  const last = asked.at(-1);
  return asked.length > 0 && asked.every((word) => words.includes(word) || (word === last && begins(words, word)));
}

function begins(words: readonly string[], beginning: string): boolean {
  return Array.from(beginning).length >= PREFIX && words.some((word) => word.startsWith(beginning));
}
