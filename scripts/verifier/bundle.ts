import { bundleForBrowser, writeBundle, type BundleFormat } from "../browser-bundle.js";

/** The verifier: `esm` exports `verifyFile`, `parseTrust` and `TrustError`; `iife` gives them as the global `carbonVerifier`. */
export function bundleVerifier(format: BundleFormat): Promise<string> {
  return bundleForBrowser("src/verify/verify.ts", "carbonVerifier", format);
}

/** @returns the size of the file in bytes */
export async function writeVerifier(path: string): Promise<number> {
  return writeBundle(path, await bundleVerifier("esm"));
}
