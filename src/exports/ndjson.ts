import { jsonRow, type Encoder } from "./ports.js";

const encoder = new TextEncoder();

/** One JSON object a line, UTF-8, each line ended by LF; members as the API has them. */
export const encodeNdjson: Encoder = async function* (columns, pages) {
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield encoder.encode(page.map((row) => `${JSON.stringify(jsonRow(columns, row))}\n`).join(""));
  }
};
