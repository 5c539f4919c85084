import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { startTestService, type TestServiceOptions } from "./service.js";

export type ImportDesk = Awaited<ReturnType<typeof startImportDesk>>;

/** Real exports, which are no part of the project: a test that needs one is skipped where they are missing. */
export const REGISTRY_FILES = join(import.meta.dirname, "../../../shared/data/registries");
export const hasRegistryFiles = existsSync(REGISTRY_FILES);

export function registryFile(name: string): Buffer {
  return readFileSync(join(REGISTRY_FILES, name));
}

/** A service with everybody whom an import needs. */
export async function startImportDesk(options: TestServiceOptions = {}) {
  const service = await startTestService(options);
  await service.synced();
  const officers = {
    registrar: await service.officerKey("registrar", "registrar1"),
    second: await service.officerKey("registrar", "registrar2"),
    verifier: await service.officerKey("verifier", "verifier"),
  };
  const owner = await service.managedFirm();

  async function upload(
    registry: string,
    file: string | Uint8Array,
    fields: Record<string, string> = {},
    key: { readonly authorization: string } = officers.registrar,
  ) {
    const form = new FormData();
    for (const [name, value] of Object.entries({ registry, owner: String(owner.id), ...fields }))
      form.append(name, value);
    form.append("file", new Blob([typeof file === "string" ? file : new Uint8Array(file)]), "export.csv");
    return service.send("/v1/imports", { method: "POST", body: form, headers: { ...key } });
  }

  /** The import as it is once it rests. */
  async function rested(id: string, statuses = ["refused", "checked", "waiting", "final", "failed"]) {
    for (;;) {
      const { body } = await service.get(`/v1/imports/${id}`, officers.registrar);
      if (statuses.includes(body.status)) return body;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const consent = (id: string, key: { readonly authorization: string }) =>
    service.post(`/v1/imports/${id}/consents`, undefined, key);

  /** Uploads, lets all consent, and waits for the end. */
  async function run(registry: string, file: string | Uint8Array) {
    const { body } = await upload(registry, file);
    const checked = await rested(body.id);
    if (checked.status !== "waiting") return checked;
    const keys = new Map([
      ["registrar", officers.second],
      ["verifier", officers.verifier],
      ["owner", owner.key],
    ]);
    for (const party of checked.consents.missing) {
      const answer = await consent(body.id, keys.get(party)!);
      if (answer.status !== 200) throw new Error(answer.text);
    }
    return rested(body.id, ["refused", "final", "failed"]);
  }

  return { ...service, officers, owner, upload, rested, consent, run };
}
