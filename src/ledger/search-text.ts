import { remembering } from "../memo.js";

/** Letters that no decomposition takes apart. */
const FOLDED: Readonly<Record<string, string>> = { đ: "d", œ: "oe", æ: "ae", ß: "ss", ø: "o", ł: "l" };
/** A lexeme of PostgreSQL has at most 2 kB; a word that long is nobody's. */
const LONGEST_WORD = 64;

/** Accounts, batches, beneficiaries and phrases that come again and again. */
const TEXTS_KEPT = 20_000;
const LONGEST_REMEMBERED = 100;
const shortWordsOf = remembering(TEXTS_KEPT, splitIntoWords);

/**
 * The words of a text as they are searched: without case and diacritics, letters and digits only, each once. "Cảng Đà Nẵng" gives cang, da,
 * nang. Nothing else ever reaches a query, so that no character in it has a meaning.
 */
export function wordsOf(text: string): readonly string[] {
  return text.length <= LONGEST_REMEMBERED ? shortWordsOf(text) : splitIntoWords(text);
}

function splitIntoWords(text: string): readonly string[] {
  const folded = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[đœæßøł]/g, (letter) => FOLDED[letter] ?? letter);
  return [...new Set(Array.from(folded.matchAll(/[\p{L}\p{N}]+/gu), ([word]) => shorten(word)))];
}

/**
 * All words of some texts as a `tsvector` literal. No word has a character that the literal would have to escape. Those of `marked` have
 * the weight A, so that they can be searched alone; the others have a position, too, for a word without one would have every weight.
 */
export function vectorOf(texts: readonly string[], marked: readonly string[] = []): string {
  const heads = new Set(marked.flatMap(wordsOf));
  const others = new Set(texts.flatMap(wordsOf).filter((word) => !heads.has(word)));
  return [...Array.from(heads, (word) => `'${word}':1A`), ...Array.from(others, (word) => `'${word}':1`)].join(" ");
}

function shorten(word: string): string {
  return word.length <= LONGEST_WORD ? word : Array.from(word).slice(0, LONGEST_WORD).join("");
}
