import { registerAudit } from "./audit.js";
import { registerCertificate } from "./certificate.js";
import { registerCheckpoints } from "./checkpoints.js";
import { registerExport } from "./export.js";
import type { Register } from "./io.js";
import { registerProof } from "./proof.js";
import { registerReport } from "./report.js";
import { registerTrust } from "./trust.js";
import { registerVerify } from "./verify.js";

/** Every command, in the order of `carbon --help`: each file of this directory that has one exports its `register`. */
export const COMMANDS: readonly Register[] = [
  registerVerify,
  registerCertificate,
  registerAudit,
  registerProof,
  registerTrust,
  registerCheckpoints,
  registerExport,
  registerReport,
];
