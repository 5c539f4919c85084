/**
 * No floating point on the money path: prices, tonnes, cash and fees are bigints, or numbers that are safe integers. Where a text or a bigint
 * must become a number, `src/integers.ts` checks that nothing is lost.
 */

const ROUNDING = ["round", "floor", "ceil", "trunc", "fround", "sqrt", "cbrt", "pow", "exp", "log", "log2", "log10"];
const CHECKED = "Use `toInteger` of src/integers.ts, which refuses what would be rounded.";

/** @type {object[]} What needs no knowledge of types. */
const restrictedSyntax = [
  { selector: "Literal[raw=/^[0-9_]*\\.[0-9_]|^[0-9_.]+[eE]/]", message: "No fractions: count in minor units." },
  { selector: "CallExpression[callee.name=/^(parseFloat|parseInt|Number)$/]", message: CHECKED },
  { selector: "CallExpression[callee.object.name='Number'][callee.property.name=/^parse/]", message: CHECKED },
  { selector: "CallExpression > Identifier.arguments[name=/^(Number|parseFloat|parseInt)$/]", message: CHECKED },
  { selector: "UnaryExpression[operator='+']", message: CHECKED },
  {
    selector: "CallExpression[callee.property.name=/^to(Fixed|Precision|Exponential)$/]",
    message: "A decimal string is the bigint's or the integer's own.",
  },
  {
    selector: `CallExpression[callee.object.name='Math'][callee.property.name=/^(${ROUNDING.join("|")})$/]`,
    message: "Nothing is to be rounded: integers in, integers out.",
  },
];

/**
 * @typedef {{ typeToString(type: object): string }} Checker
 * @typedef {{ getTypeAtLocation(node: object): object, program: { getTypeChecker(): Checker } }} Services
 * @typedef {{ sourceCode: { parserServices: Services }, report(problem: object): void }} Context
 */

/** `/` of two bigints is exact and rounds down; of two numbers it is a fraction. Which of them it is, only the types know. */
const noNumberDivision = {
  meta: {
    type: "problem",
    messages: { number: "Division of numbers leaves the integers: divide bigints." },
    schema: [],
  },
  /** @param {Context} context */
  create(context) {
    const services = context.sourceCode.parserServices;
    /** @param {{ left: object }} node */
    const check = (node) => {
      const text = services.program.getTypeChecker().typeToString(services.getTypeAtLocation(node.left));
      if (!/^(bigint|-?[0-9]+n)( \| (bigint|-?[0-9]+n))*$/.test(text)) context.report({ node, messageId: "number" });
    };
    return { "BinaryExpression[operator='/']": check, "AssignmentExpression[operator='/=']": check };
  },
};

/**
 * The rule for some files.
 * @param {string[]} files
 */
export const integersOnly = (files) => ({
  files,
  plugins: { integers: { rules: { "no-number-division": noNumberDivision } } },
  rules: { "no-restricted-syntax": ["error", ...restrictedSyntax], "integers/no-number-division": "error" },
});
