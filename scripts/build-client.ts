/** Writes `dist/client.js`: the client as one module for a browser. */
import { writeClient } from "./client/bundle.js";

const path = "dist/client.js";
const bytes = await writeClient(path);
process.stdout.write(`${path}: ${bytes} bytes\n`);
