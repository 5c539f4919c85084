/** The judgement of an export's manifest, and of the file that it is about. */
import { manifestDigest } from "./attestation.js";
import { Rejection } from "./bytes.js";
import { readManifest } from "./pack-schema.js";
import { orReject } from "./seals.js";
import { recoverAddress } from "./signature.js";
import type { ExportManifest, TrustFile } from "./types.js";

/**
 * @param file The exported file, when it is at hand.
 * @throws Rejection when the service's key did not sign it, or the file is another
 */
export function checkManifest(
  value: unknown,
  trust: TrustFile,
  file: { readonly bytes: bigint; readonly sha256: string } | undefined,
): ExportManifest {
  const manifest = orReject("manifest-signature", "The file is no manifest", () => readManifest(value, ""));
  const digest = orReject("manifest-signature", "The manifest cannot be signed", () =>
    manifestDigest(manifest, { chainId: trust.chainId, contract: trust.contracts.retirements }),
  );
  const signer = recoverAddress(digest, manifest.signature);
  if (signer === null || signer !== manifest.signer) {
    throw new Rejection("manifest-signature", "The manifest was not signed as it stands by the key that it names.");
  }
  if (!trust.service.includes(signer)) {
    throw new Rejection(
      "manifest-signature",
      `The manifest is signed by ${signer}, whom the trust file does not know.`,
    );
  }
  if (file === undefined) return manifest;
  if (String(file.bytes) !== manifest.bytes || file.sha256 !== manifest.sha256) {
    throw new Rejection("file-altered", "The file is not the one that the manifest describes.");
  }
  return manifest;
}
