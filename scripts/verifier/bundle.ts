import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { build } from "esbuild";

const ENTRY = "src/verify/verify.ts";

/**
 * The verifier and all that it rests on, for a browser: nothing of Node is in it.
 * @param format `esm` exports `verifyFile`, `parseTrust` and `TrustError`; `iife` gives them as the global `carbonVerifier`.
 */
export async function bundleVerifier(format: "esm" | "iife"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    target: "es2022",
    format,
    ...(format === "iife" ? { globalName: "carbonVerifier" } : {}),
  });
  return outputFiles[0]?.text ?? "";
}

/** @returns the size of the file in bytes */
export async function writeVerifier(path: string): Promise<number> {
  const text = await bundleVerifier("esm");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return Buffer.byteLength(text);
}
