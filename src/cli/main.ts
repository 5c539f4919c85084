import { runCli } from "./run.js";
import { askHidden, readAll } from "./terminal.js";

const { env, stdin, stdout, stderr } = process;

/** Whoever reads the answer may have read enough (`| head`): that is no failure. */
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  env,
  stdout,
  stderr,
  ...(stdin.isTTY ? { askSecret: (question: string) => askHidden(question, stdin, stderr) } : {}),
  readInput: () => readAll(stdin),
  interrupted: () => {
    const gone = new AbortController();
    process.once("SIGINT", () => gone.abort());
    return gone.signal;
  },
});
