import type { ReadStream } from "node:tty";

import { CliError } from "./errors.js";
import type { Output } from "./io.js";

const [ENTER, RETURN, INTERRUPT, END, BACKSPACE, DELETE] = ["\n", "\r", "\u0003", "\u0004", "\b", "\u007f"];

/** Asks on a terminal for something that is not shown while it is written. @throws CliError on Ctrl-C */
export function askHidden(question: string, input: ReadStream, output: Output): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const end = (finish: () => void): void => {
      input.off("data", take);
      input.setRawMode(false);
      input.pause();
      output.write("\n");
      finish();
    };
    const take = (chunk: Buffer | string): void => {
      for (const character of chunk.toString("utf8")) {
        if (character === ENTER || character === RETURN || character === END) {
          end(() => resolve(text));
          return;
        }
        if (character === INTERRUPT) {
          end(() => reject(new CliError("Nothing was done.")));
          return;
        }
        text =
          character === BACKSPACE || character === DELETE ? Array.from(text).slice(0, -1).join("") : text + character;
      }
    };
    output.write(`${question}: `);
    input.setRawMode(true);
    input.resume();
    input.on("data", take);
  });
}

/** All that comes in, as text. */
export async function readAll(input: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of input) parts.push(Buffer.isBuffer(part) ? part : Buffer.from(String(part)));
  return Buffer.concat(parts).toString("utf8");
}
