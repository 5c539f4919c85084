import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const ENTRY = "src/client/index.ts";

/** Without WebAssembly, which a page may forbid and which would have to be waited for. */
const plainKeccak: Plugin = {
  name: "plain-keccak",
  setup({ onResolve }) {
    onResolve({ filter: /\/keccak\.js$/ }, ({ importer }) =>
      importer.includes("node_modules") ? undefined : { path: resolve("scripts/client/keccak.ts") },
    );
  },
};

/**
 * The client and all that it rests on, for a browser: nothing of Node is in it.
 * @param format `esm` exports what `carbon-ledger/client` does; `iife` gives it as the global `carbonClient`.
 */
export async function bundleClient(format: "esm" | "iife"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    target: "es2022",
    format,
    plugins: [plainKeccak],
    ...(format === "iife" ? { globalName: "carbonClient" } : {}),
  });
  return outputFiles[0]?.text ?? "";
}

/** @returns the size of the file in bytes */
export async function writeClient(path: string): Promise<number> {
  const text = await bundleClient("esm");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return Buffer.byteLength(text);
}
