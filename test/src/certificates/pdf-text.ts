/** Reads back what a page of one of our PDFs shows: its streams are not compressed, and its fonts say which letters their glyphs are. */
export function textOf(pdf: Uint8Array): string {
  const file = Buffer.from(pdf).toString("latin1");
  const fonts = new Map<string, readonly string[]>();
  for (const [, name = "", reference = ""] of file.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const cmap = /\/ToUnicode (\d+) 0 R/.exec(objectOf(file, reference))?.[1];
    if (cmap !== undefined) fonts.set(name, lettersOf(objectOf(file, cmap)));
  }
  let text = "";
  let letters: readonly string[] = [];
  const operators = /\/(F\d+) [\d.]+ Tf|\[([<>0-9a-f.\- ]*)\] TJ|\bET\b/g;
  for (const [operator, font, glyphs] of file.matchAll(operators)) {
    if (font !== undefined) letters = fonts.get(font) ?? [];
    else if (operator === "ET") text += "\n";
    for (const [, hex = ""] of (glyphs ?? "").matchAll(/<([0-9a-f]*)>/g)) {
      for (const glyph of hex.match(/.{4}/g) ?? []) text += letters[parseInt(glyph, 16)] ?? "\ufffd";
    }
  }
  return text;
}

/** The same without white space: lines are broken where the page ends, not where the text does. */
export function solid(text: string): string {
  return text.replace(/\s+/gu, "");
}

function objectOf(file: string, number: string): string {
  const start = file.indexOf(`\n${number} 0 obj\n`);
  return start === -1 ? "" : file.slice(start, file.indexOf("\nendobj", start));
}

function lettersOf(cmap: string): readonly string[] {
  return [...cmap.matchAll(/<[0-9a-f]{4}> <[0-9a-f]{4}> \[([^\]]*)\]/g)].flatMap(([, list = ""]) =>
    [...list.matchAll(/<([0-9a-f ]*)>/g)].map(([, units = ""]) =>
      units
        .split(" ")
        .map((unit) => String.fromCharCode(parseInt(unit, 16)))
        .join(""),
    ),
  );
}
