import { Option, type Command } from "commander";

import { name, serviceUrl } from "./arguments.js";
import { CliError, DEFAULT_URL, type Io, type Register } from "./io.js";
import { findKeystore } from "./keystores.js";
import { homeOf, readProfiles, writeProfiles, type Profile } from "./profiles-file.js";
import { createTable, fieldLines, type Field } from "./table.js";

interface Given {
  readonly service?: string;
  readonly apiKey?: string;
  readonly signWith?: string;
  readonly showNumbers?: string;
  readonly showTimes?: string;
}

const HELP = `
A profile keeps what every command would otherwise be told. It is chosen by --profile, CARBON_PROFILE, or carbon profiles use. Profiles are
in ~/.config/carbon/profiles.json (CARBON_HOME, XDG_CONFIG_HOME), for your eyes only: API keys are in it.

Examples:
  carbon profiles add mine --service https://ledger.example --api-key cl_...
  carbon profiles set --sign-with office
  carbon profiles use auditor`;

/** `carbon profiles`: where the service is, which API key, which key signs. */
export const registerProfiles: Register = (program, io) => {
  const profiles = program
    .command("profiles")
    .description("settings under a name: service, API key, key that signs")
    .addHelpText("after", HELP);
  withSettings(profiles.command("add"))
    .description("make a profile; the first one is used at once")
    .argument("<name>", "what it is called", name)
    .action(async (called: string, given: Given) => {
      const { current, profiles: all } = readProfiles(io.env);
      if (all[called] !== undefined) throw new CliError(`There is a profile ${called} already: carbon profiles set.`);
      const profile = await profileFrom(io, given);
      writeProfiles(io.env, { current: current ?? called, profiles: { ...all, [called]: profile } });
      tell(io, called, profile, current === null);
    });
  withSettings(profiles.command("set"))
    .description("change a profile, the one in use when none is named")
    .argument("[name]", "which one", name)
    .action(async (asked: string | undefined, given: Given) => {
      const { current, profiles: all } = readProfiles(io.env);
      const called = asked ?? io.env["CARBON_PROFILE"] ?? current ?? undefined;
      // The first profile may begin with one setting.
      const [known, before] = [called ?? "default", called === undefined ? {} : all[called]];
      if (before === undefined) throw new CliError(`There is no profile ${known}: carbon profiles list`);
      const profile = { ...before, ...(await profileFrom(io, given)) };
      writeProfiles(io.env, { current: current ?? known, profiles: { ...all, [known]: profile } });
      tell(io, known, profile, (current ?? known) === known);
    });
  addReads(profiles, io);
  addChoices(profiles, io);
};

function withSettings(command: Command): Command {
  return command
    .addOption(new Option("--service <url>", "where the service is").argParser(serviceUrl))
    .option("--api-key <key>", "API key; - asks for it")
    .option("--sign-with <key>", "name of the key that signs")
    .option("--show-numbers <locale>", "as --locale")
    .option("--show-times <zone>", "as --time-zone");
}

function addReads(profiles: Command, io: Io): void {
  profiles
    .command("list")
    .description("all profiles")
    .action(() => {
      const { current, profiles: all } = readProfiles(io.env);
      const items = Object.entries(all).map(([called, profile]) => ({
        name: called,
        ...masked(profile),
        isCurrent: called === current,
      }));
      io.json({ directory: homeOf(io.env), items });
      const table = createTable<(typeof items)[number]>([
        { title: "", of: ({ isCurrent }) => (isCurrent ? "*" : "") },
        { title: "name", of: (one) => one.name },
        { title: "service", of: ({ url }) => url ?? DEFAULT_URL },
        { title: "API key", of: ({ key }) => key ?? "-" },
        { title: "signs with", of: ({ signWith }) => signWith ?? "-" },
      ]);
      const rows = table.rows(items);
      if (rows.length === 0) io.note("There are no profiles: carbon profiles add NAME --service URL --api-key KEY");
      else io.out(io.paint("bold", table.heading()));
      for (const row of rows) io.out(row);
    });
  profiles
    .command("show")
    .description("a profile, the one in use when none is named; of the API key only its beginning")
    .argument("[name]", "which one", name)
    .action((asked: string | undefined) => {
      const { current, profiles: all } = readProfiles(io.env);
      const called = asked ?? current;
      const profile = called === null ? undefined : all[called];
      if (called === null || profile === undefined)
        throw new CliError("There is no such profile: carbon profiles list");
      tell(io, called, profile, called === current);
    });
}

function addChoices(profiles: Command, io: Io): void {
  profiles
    .command("use")
    .description("take this profile when none is named")
    .argument("<name>", "which one", name)
    .action((called: string) => {
      const { profiles: all } = readProfiles(io.env);
      const profile = all[called];
      if (profile === undefined) throw new CliError(`There is no profile ${called}: carbon profiles list`);
      writeProfiles(io.env, { current: called, profiles: all });
      tell(io, called, profile, true);
    });
  profiles
    .command("remove")
    .description("forget a profile; keys of this machine stay")
    .argument("<name>", "which one", name)
    .action((called: string) => {
      const { current, profiles: all } = readProfiles(io.env);
      if (all[called] === undefined) throw new CliError(`There is no profile ${called}: carbon profiles list`);
      const rest = Object.fromEntries(Object.entries(all).filter(([other]) => other !== called));
      writeProfiles(io.env, { current: current === called ? null : current, profiles: rest });
      io.json({ removed: called });
      io.out(`The profile ${called} is forgotten.`);
    });
}

async function profileFrom(io: Io, given: Given): Promise<Profile> {
  const { service, apiKey, signWith, showNumbers, showTimes } = given;
  const key = apiKey === "-" ? (await io.askSecret("API key")).trim() : apiKey;
  if (signWith !== undefined) await findKeystore(io.env, signWith);
  return {
    ...(service === undefined ? {} : { url: service }),
    ...(key === undefined ? {} : { key }),
    ...(signWith === undefined ? {} : { signWith }),
    ...(showNumbers === undefined ? {} : { locale: showNumbers }),
    ...(showTimes === undefined ? {} : { timeZone: showTimes }),
  };
}

function tell(io: Io, called: string, profile: Profile, isCurrent: boolean): void {
  const { url, key, signWith, locale, timeZone } = masked(profile);
  io.json({ name: called, ...masked(profile), isCurrent });
  const fields: Field[] = [
    ["profile", `${called}${isCurrent ? " (in use)" : ""}`],
    ["service", url ?? DEFAULT_URL],
    ["API key", key ?? null],
    ["signs with", signWith ?? null],
    ["locale", locale ?? null],
    ["time zone", timeZone ?? null],
  ];
  for (const line of fieldLines(fields, "")) io.out(line);
}

/** An API key is `cl_`, its id, and the secret: the id may be seen. */
function masked(profile: Profile): Profile {
  if (profile.key === undefined) return profile;
  const [, id] = /^cl_([0-9a-f]+)_/.exec(profile.key) ?? [];
  return { ...profile, key: id === undefined ? "***" : `cl_${id}_***` };
}
