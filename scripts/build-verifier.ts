/** Writes `dist/verifier.js`: the verifier as one module for a browser. */
import { writeVerifier } from "./verifier/bundle.js";

const path = "dist/verifier.js";
const bytes = await writeVerifier(path);
process.stdout.write(`${path}: ${bytes} bytes\n`);
