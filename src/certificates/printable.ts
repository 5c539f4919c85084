/** What a typeface can draw. */
export interface Typeface {
  hasGlyphForCodePoint(codePoint: number): boolean;
}

/**
 * A text as a page can show it: composed, on one line, every character drawn or named. What the typeface lacks, and what would steer the
 * text instead of standing in it (controls, changes of direction), becomes `[U+0000]`, so that nothing is hidden and nothing is guessed.
 */
export function printable(text: string, face: Typeface): string {
  let shown = "";
  for (const character of text.normalize("NFC").replace(/\s+/gu, " ")) {
    const point = character.codePointAt(0) ?? 0;
    const isDrawn = !/[\p{C}\p{Zl}\p{Zp}]/u.test(character) && face.hasGlyphForCodePoint(point);
    shown += isDrawn ? character : `[U+${point.toString(16).toUpperCase().padStart(4, "0")}]`;
  }
  return shown.trim();
}

/** Breaks a text into lines no wider than `width`, between words, and inside those that are wider than a line. */
export function linesOf(text: string, width: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (widthOf(line) > width && line.length > 1) {
      const fitting = fittingLength(line, width, widthOf);
      lines.push(line.slice(0, fitting));
      line = line.slice(fitting);
    }
  }
  lines.push(line);
  return lines;
}

/** How many characters of a word fit into a line; at least one. */
function fittingLength(word: string, width: number, widthOf: (text: string) => number): number {
  let fitting = 1;
  let tooLong = word.length;
  while (tooLong - fitting > 1) {
    const middle = (fitting + tooLong) >> 1;
    if (widthOf(word.slice(0, middle)) <= width) fitting = middle;
    else tooLong = middle;
  }
  return fitting;
}
