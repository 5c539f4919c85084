import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { build, type Plugin } from "esbuild";

/** `esm` exports what the entry does; `iife` gives it as a global. */
export type BundleFormat = "esm" | "iife";

/** @returns the entry and all that it rests on as one script for a browser: nothing of Node may be in it */
export async function bundleForBrowser(
  entry: string,
  globalName: string,
  format: BundleFormat,
  plugins: Plugin[] = [],
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    target: "es2022",
    format,
    plugins,
    ...(format === "iife" ? { globalName } : {}),
  });
  return outputFiles[0]?.text ?? "";
}

/** @returns the size of the file in bytes */
export async function writeBundle(path: string, text: string): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return Buffer.byteLength(text);
}
