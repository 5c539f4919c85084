import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

import { freePort } from "./network.js";

/** Where Debian and Ubuntu keep the servers, one directory a version. */
const SERVERS = "/usr/lib/postgresql";
const START_MS = 30_000;
const LOOK_MS = 100;

export interface BenchPostgres {
  /** Of a user that may create databases. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The server that `TEST_DATABASE_URL` names, else one of its own for as long as it is needed; null where none is installed. */
export async function startPostgres(): Promise<BenchPostgres | null> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") return { url: given, stop: () => Promise.resolve() };
  const bin = await binaries();
  return bin === null ? null : await startOwn(bin);
}

async function binaries(): Promise<string | null> {
  const versions = await readdir(SERVERS).catch(() => []);
  const latest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return latest === undefined ? null : join(SERVERS, latest, "bin");
}

async function startOwn(bin: string): Promise<BenchPostgres> {
  const directory = await mkdtemp(join(tmpdir(), "bench-postgres-"));
  const user = serverUser();
  if (user.uid !== undefined && user.gid !== undefined) await chown(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const made = spawnSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], {
    ...user,
    cwd: directory,
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  // What is measured here is reading: nothing needs to outlive a power cut.
  const settings = ["listen_addresses=127.0.0.1", "fsync=off", "shared_buffers=512MB", "max_wal_size=4GB"];
  const options = ["-D", data, "-p", String(port), "-k", directory, ...settings.flatMap((text) => ["-c", text])];
  const server = spawn(join(bin, "postgres"), options, { ...user, cwd: directory, stdio: "ignore" });
  const exited = once(server, "exit");
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const stop = async (): Promise<void> => {
    server.kill("SIGINT");
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilItAnswers(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The server refuses to run as root: then it runs as the user that its package made. */
function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map((what) =>
    Number(spawnSync("id", [what, "postgres"], { encoding: "utf8" }).stdout),
  );
  if (uid === undefined || gid === undefined || !(uid > 0)) throw new Error("There is no user postgres.");
  return { uid, gid };
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
