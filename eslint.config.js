import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";
import { integersOnly } from "./eslint.integers.js";

/** The dependency directions of ARCHITECTURE.md, as rules: each entry forbids some imports to some files. */
const ethersOutsideTheChain = {
  group: ["ethers", "ethers/*", "secp256k1", "**/types/ethers-contracts/**"],
  message: "Only src/chain and src/client know ethers and the generated contract types.",
};
const express = { group: ["express", "express/*"], message: "Only src/http, app.ts and routes know Express." };
const upward = {
  group: ["**/routes.js", "**/app.js", "**/main.js"],
  message: "Arrows never turn back: main → app → routes → service → chain | ledger | db.",
};
const http = { group: ["**/http/**"], message: "Only routes, schemas and app.ts may use src/http." };
const features = [
  "api-keys",
  "participants",
  "registry",
  "transfers",
  "retirements",
  "operations",
  "transactions",
  "events",
  "chain-info",
  "intents",
  "signed-intents",
  "deals",
  "auctions",
  "put-through",
  "instruments",
  "market-data",
  "market",
  "cash",
  "positions",
  "fees",
  "history",
  "exports",
  "proofs",
  "certificates",
  "personal-data",
  "reports",
  "access-log",
  "audit",
  "imports",
  "notifications",
];
const featureInsides = features.map((name) => ({
  group: [`**/${name}/*`, ...["service", "schemas", "ports", "money"].map((open) => `!**/${name}/${open}.js`)],
  message: "A feature's insides are its own: use its service, its schemas or its ports.",
}));

/** Where prices, tonnes and money are reckoned with. */
const moneyPath = [
  ...["matching", "market", "market-data", "instruments", "cash", "deals", "auctions", "put-through"].map(
    (name) => `src/${name}/**/*.ts`,
  ),
  "src/chain/orders*.ts",
  "src/chain/settlement*.ts",
];

/** What would make the matching core answer differently on another day or another machine. */
const outsideWorld = [
  ...["Date", "Intl", "performance", "crypto", "process", "globalThis", "fetch", "console", "Buffer"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Promise", "WeakRef"],
].map((name) => ({ name, message: "The matching core is a function of its commands." }));

/** What a browser lacks, and what a verifier must not ask anybody for. */
const outsideVerifier = ["process", "Buffer", "require", "fetch", "XMLHttpRequest", "WebSocket", "setImmediate"].map(
  (name) => ({ name, message: "The verifier runs anywhere, asks nobody, and needs nothing but the file." }),
);

/** @param {string[]} files @param {object[]} patterns @param {string[]} [ignores] */
const forbid = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { "no-restricted-imports": ["error", { patterns }] },
});

export default defineConfig(
  {
    ignores: [
      "node_modules/",
      "artifacts/",
      "cache/",
      "types/",
      "coverage/",
      "dist/",
      "data/",
      "deployments/",
      "scripts/bench/ponder/",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js", "eslint.integers.js", "bin/carbon.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Only src/config.ts and src/main.ts read the environment." },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "@typescript-eslint/require-await": "off",
      // Services are plain closures: none of their functions knows `this`.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-invalid-void-type": "off",
    },
  },
  forbid(["src/*.ts"], [ethersOutsideTheChain, express], ["src/app.ts"]),
  forbid(["src/app.ts"], [ethersOutsideTheChain]),
  forbid(
    ["src/http/**/*.ts"],
    [
      ethersOutsideTheChain,
      upward,
      { group: features.map((name) => `**/${name}/**`), message: "http serves the features, it does not know them." },
    ],
  ),
  forbid(
    ["src/db/**/*.ts"],
    [
      ethersOutsideTheChain,
      express,
      upward,
      http,
      {
        group: ["**/chain/**", "**/ledger/**", "!**/chain/*event-types.js"],
        message: "db knows tables, nothing else (and the words of the events that fill them).",
      },
    ],
  ),
  forbid(
    ["src/chain/**/*.ts"],
    [
      express,
      upward,
      http,
      {
        group: ["**/ledger/**", ...features.map((name) => `**/${name}/**`)],
        message: "chain is a leaf: nothing above it may be imported.",
      },
    ],
  ),
  forbid(
    ["src/ledger/**/*.ts"],
    [
      ethersOutsideTheChain,
      express,
      upward,
      http,
      { group: features.map((name) => `**/${name}/**`), message: "ledger is below the features." },
    ],
  ),
  ...features.flatMap((name) => {
    const others = featureInsides.filter((_, index) => features[index] !== name);
    return [
      forbid(
        [`src/${name}/**/*.ts`],
        [ethersOutsideTheChain, express, upward, http, ...others],
        [`src/${name}/*routes.ts`, `src/${name}/*schemas.ts`],
      ),
      forbid([`src/${name}/*routes.ts`, `src/${name}/*schemas.ts`], [ethersOutsideTheChain, ...others]),
    ];
  }),
  forbid(
    ["src/client/**/*.ts"],
    [
      express,
      upward,
      http,
      { group: ["**/db/**", "**/ledger/**"], message: "The SDK speaks HTTP and signs; it knows no server." },
    ],
  ),
  forbid(["src/cli/**/*.ts"], [ethersOutsideTheChain, express, http, upward]),
  forbid(
    ["src/verify/**/*.ts"],
    [
      {
        regex: "^(?!\\./[^/]+$|@noble/(hashes|curves)/|canonicalize$|\\.\\./chain/(codes|rlp|event-types)\\.js$)",
        message: "The verifier rests on little: @noble, canonicalize, and what the chain says about codes and RLP.",
      },
    ],
  ),
  { files: ["src/verify/**/*.ts"], rules: { "no-restricted-globals": ["error", ...outsideVerifier] } },
  integersOnly(moneyPath),
  forbid(
    ["src/matching/**/*.ts"],
    [{ regex: "^(?!\\./[^/]+$)", message: "The matching core imports nothing from elsewhere." }],
  ),
  {
    files: ["src/matching/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...outsideWorld],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "The matching core is a function of its commands." },
      ],
    },
  },
  { files: ["src/config.ts", "src/main.ts", "src/cli/main.ts"], rules: { "no-restricted-properties": "off" } },
  {
    files: ["scripts/**/*.ts", "examples/**/*.ts", "test/**/*.ts"],
    rules: { "no-console": "off", "no-restricted-properties": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    files: ["*.config.ts", "eslint.*.js"],
    rules: { "no-restricted-exports": "off", "no-restricted-properties": "off" },
  },
);
