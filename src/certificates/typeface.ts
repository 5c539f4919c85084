import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Be Vietnam Pro (SIL Open Font License 1.1): made for Vietnamese, with every letter and tone in one file. */
export interface Typefaces {
  readonly regular: Buffer;
  readonly bold: Buffer;
}

let loaded: Typefaces | undefined;

/** The fonts of certificates, read once. */
export function typefaces(): Typefaces {
  loaded ??= { regular: fontFile("400Regular"), bold: fontFile("700Bold") };
  return loaded;
}

function fontFile(style: string): Buffer {
  const { resolve } = createRequire(import.meta.url);
  return readFileSync(resolve(`@expo-google-fonts/be-vietnam-pro/${style}/BeVietnamPro_${style}.ttf`));
}
