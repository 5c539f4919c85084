import { resolve } from "node:path";
import type { Plugin } from "esbuild";

import { bundleForBrowser, writeBundle, type BundleFormat } from "../browser-bundle.js";

/** Without WebAssembly, which a page may forbid and which would have to be waited for. */
const plainKeccak: Plugin = {
  name: "plain-keccak",
  setup({ onResolve }) {
    onResolve({ filter: /\/keccak\.js$/ }, ({ importer }) =>
      importer.includes("node_modules") ? undefined : { path: resolve("scripts/client/keccak.ts") },
    );
  },
};

/** The client: `esm` exports what `carbon-ledger/client` does; `iife` gives it as the global `carbonClient`. */
export function bundleClient(format: BundleFormat): Promise<string> {
  return bundleForBrowser("src/client/index.ts", "carbonClient", format, [plainKeccak]);
}

/** @returns the size of the file in bytes */
export async function writeClient(path: string): Promise<number> {
  return writeBundle(path, await bundleClient("esm"));
}
