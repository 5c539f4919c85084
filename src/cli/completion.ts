import { Argument, type Command } from "commander";

import type { Register } from "./io.js";

const HELP = `
Bash:  source <(carbon completion bash)      in ~/.bashrc
Zsh:   source <(carbon completion zsh)       in ~/.zshrc, after compinit
Fish:  carbon completion fish > ~/.config/fish/completions/carbon.fish`;

/** `carbon completion`: the script that completes commands and options in a shell. */
export const registerCompletion: Register = (program, io) => {
  program
    .command("completion")
    .description("print what a shell needs to complete commands and options")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", HELP)
    .action((shell: "bash" | "zsh" | "fish") => {
      const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](placesOf(program));
      io.json({ shell, script });
      io.out(script.trimEnd());
    });
};

/** Where one can be in a command line: the words of commands so far, and what may come next. */
interface Place {
  /** As "orders buy"; empty at the beginning. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly (Word & { readonly takesValue: boolean; readonly choices: readonly string[] })[];
  /** Of its first argument. */
  readonly choices: readonly string[];
}

interface Word {
  readonly word: string;
  readonly help: string;
}

function placesOf(program: Command): Place[] {
  const globals = optionsOf(program);
  const visit = (command: Command, path: string): Place[] => {
    const children = command.commands.map((child) => ({ word: child.name(), help: child.description() }));
    const own = path === "" ? [] : optionsOf(command);
    const place = {
      path,
      commands: children,
      options: [...own, ...globals, { word: "--help", help: "help", takesValue: false, choices: [] }],
      choices: command.registeredArguments[0]?.argChoices ?? [],
    };
    return [place, ...command.commands.flatMap((child) => visit(child, `${path} ${child.name()}`.trim()))];
  };
  return visit(program, "");
}

function optionsOf(command: Command): Place["options"] {
  return command.options
    .filter(({ long }) => Boolean(long))
    .map(({ long, description, required, optional, argChoices }) => ({
      word: long ?? "",
      help: description,
      takesValue: required || optional,
      choices: argChoices ?? [],
    }));
}

function bashScript(places: readonly Place[]): string {
  return `# Completion of carbon for Bash.
_carbon() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" place="" found="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${place:+$place }\${COMP_WORDS[i]}" in
      ${pathPattern(places)}) place="\${place:+$place }\${COMP_WORDS[i]}" ;;
    esac
  done
${wordCases(places, "  ")}
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o default -F _carbon carbon
`;
}

function zshScript(places: readonly Place[]): string {
  return `#compdef carbon
# Completion of carbon for Zsh.
_carbon() {
  local current="$words[CURRENT]" previous="$words[CURRENT-1]" place="" found="" i
  for ((i = 2; i < CURRENT; i++)); do
    case "\${place:+$place }$words[i]" in
      ${pathPattern(places)}) place="\${place:+$place }$words[i]" ;;
    esac
  done
${wordCases(places, "  ")}
  if [[ -n "$found" ]]; then
    compadd -- \${=found}
  else
    _files
  fi
}
compdef _carbon carbon
`;
}

/** One shell syntax that Bash and Zsh share: sets \`found\` by \`place\`, \`previous\` and \`current\`. */
function wordCases(places: readonly Place[], indent: string): string {
  const lines = places.map(({ path, commands, options, choices }) => {
    const values = options
      .filter(({ takesValue }) => takesValue)
      .map(({ word, choices: given }) => `"${path}|${word}") found="${given.join(" ")}" ;;`);
    const next = [...commands.map(({ word }) => word), ...choices].join(" ");
    const flags = options.map(({ word }) => word).join(" ");
    return [
      ...values,
      `"${path}|"*) if [[ "$current" == -* ]]; then found="${flags}"; else found="${next}"; fi ;;`,
    ].join(`\n${indent}  `);
  });
  return `${indent}case "$place|$previous" in\n${indent}  ${lines.join(`\n${indent}  `)}\n${indent}esac`;
}

function pathPattern(places: readonly Place[]): string {
  return places
    .filter(({ path }) => path !== "")
    .map(({ path }) => `"${path}"`)
    .join(" | ");
}

function fishScript(places: readonly Place[]): string {
  const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
  const at = (path: string): string => `-n ${quoted(`__carbon_at ${quoted(path)}`)}`;
  const lines = places.flatMap(({ path, commands, options, choices }) => [
    ...commands.map(({ word, help }) => `complete -c carbon ${at(path)} -f -a ${quoted(word)} -d ${quoted(help)}`),
    ...(choices.length === 0 ? [] : [`complete -c carbon ${at(path)} -f -a ${quoted(choices.join(" "))}`]),
    ...options.map(({ word, help, takesValue, choices: given }) => {
      const value = takesValue ? ` -r${given.length === 0 ? "" : ` -f -a ${quoted(given.join(" "))}`}` : "";
      return `complete -c carbon ${at(path)} -l ${word.slice(2)}${value} -d ${quoted(help)}`;
    }),
  ]);
  return `# Completion of carbon for Fish.
function __carbon_at
  set -l place
  for word in (commandline -opc)[2..-1]
    set -l next (string join -- ' ' $place $word)
    if contains -- "$next" ${places
      .filter(({ path }) => path !== "")
      .map(({ path }) => quoted(path))
      .join(" ")}
      set place $place $word
    end
  end
  set -l here (string join -- ' ' $place)
  test "$here" = "$argv[1]"
end
${lines.join("\n")}
`;
}
