import { dirname, join } from "node:path";
import ts from "typescript";

/** A type of the client, as far as JSON can tell one from another. */
export interface Shape {
  /** `string`, `number`, `boolean`, `object`, `array`; several for a union. Empty: anything. */
  readonly kinds: ReadonlySet<string>;
  readonly isNullable: boolean;
  /** Of strings and numbers that are named one by one; null: any. */
  readonly values: ReadonlySet<string> | null;
  /** Of an object; null: any names. Members of all alternatives together. */
  readonly members: ReadonlyMap<string, Member> | null;
  /** Of an array. */
  readonly item: (() => Shape) | null;
}

export interface Member {
  readonly isOptional: boolean;
  readonly shape: () => Shape;
}

/** A function of the client. */
export interface ClientFunction {
  /** As `participants.list`; `auctions.bids().get` for what a function gives. */
  readonly name: string;
  /** By name. Those that are objects say what may be told in them. */
  readonly parameters: ReadonlyMap<string, Shape>;
  /** What the promise gives; null for streams and generators. */
  readonly answer: Shape | null;
}

const ROOT = join(import.meta.dirname, "../..");

/** Every function that `Client` of the SDK has, read from its types. */
export function clientFunctions(): ClientFunction[] {
  const file = join(ROOT, "src/client/index.ts");
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(join(ROOT, "tsconfig.json")));
  const program = ts.createProgram([file], { ...options, noEmit: true, skipLibCheck: true, incremental: false });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const client =
    module === undefined ? undefined : checker.getExportsOfModule(module).find(({ name }) => name === "Client");
  if (client === undefined) throw new Error("The client has no type");
  return new Reader(checker).functionsOf(checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(client)), "");
}

class Reader {
  constructor(private readonly checker: ts.TypeChecker) {}

  functionsOf(type: ts.Type, prefix: string): ClientFunction[] {
    return type.getProperties().flatMap((member) => {
      const name = prefix === "" ? member.name : `${prefix}.${member.name}`;
      const of = this.checker.getTypeOfSymbol(member);
      const [signature] = of.getCallSignatures();
      if (signature === undefined) return this.functionsOf(of, name);
      const given = this.checker.getReturnTypeOfSignature(signature);
      const kind = given.getSymbol()?.name;
      if (kind === "Promise") return [this.read(name, signature, this.checker.getAwaitedType(given) ?? null)];
      if (kind === "AsyncGenerator") return [this.read(name, signature, null)];
      return this.functionsOf(given, `${name}()`);
    });
  }

  private read(name: string, signature: ts.Signature, answer: ts.Type | null): ClientFunction {
    const parameters = signature
      .getParameters()
      .map((one): [string, Shape] => [one.name, this.shapeOf(this.checker.getTypeOfSymbol(one))]);
    return { name, parameters: new Map(parameters), answer: answer === null ? null : this.shapeOf(answer) };
  }

  shapeOf(type: ts.Type): Shape {
    const parts = type.isUnion() ? type.types : [type];
    const kinds = new Set<string>();
    const values = new Set<string>();
    let areNamed = true;
    let isNullable = false;
    let isAnything = false;
    const objects: ts.Type[] = [];
    let item: (() => Shape) | null = null;
    for (const part of parts) {
      if (part.flags & ts.TypeFlags.Null) isNullable = true;
      else if (part.flags & ts.TypeFlags.Undefined) continue;
      else if (part.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) isAnything = true;
      else if (part.isStringLiteral()) {
        kinds.add("string");
        values.add(part.value);
      } else if (part.isNumberLiteral()) {
        kinds.add("number");
        values.add(String(part.value));
      } else if (part.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.BigIntLike)) {
        kinds.add("string");
        areNamed = false;
      } else if (part.flags & ts.TypeFlags.NumberLike) {
        kinds.add("number");
        areNamed = false;
      } else if (part.flags & ts.TypeFlags.BooleanLike) kinds.add("boolean");
      else if (this.checker.isArrayType(part)) {
        kinds.add("array");
        const [of] = this.checker.getTypeArguments(part as ts.TypeReference);
        if (of !== undefined) item = () => this.shapeOf(of);
      } else if (part.isIntersection() && part.types.some(({ flags }) => flags & ts.TypeFlags.StringLike)) {
        // `string & {}`: any text, beside those that are named.
        kinds.add("string");
        areNamed = false;
      } else objects.push(part);
    }
    if (objects.length > 0) kinds.add("object");
    return {
      kinds: isAnything ? new Set() : kinds,
      isNullable: isNullable || isAnything,
      values: areNamed && values.size > 0 ? values : null,
      members: objects.length === 0 ? null : this.membersOf(objects),
      item,
    };
  }

  private membersOf(objects: readonly ts.Type[]): ReadonlyMap<string, Member> | null {
    const all = new Map<string, Member>();
    for (const object of objects) {
      const properties = this.checker.getPropertiesOfType(object);
      if (properties.length === 0 && this.checker.getIndexInfosOfType(object).length > 0) return null;
      for (const property of properties) {
        const isEverywhere = objects.every((one) => this.checker.getPropertyOfType(one, property.name) !== undefined);
        const isOptional = !isEverywhere || Boolean(property.flags & ts.SymbolFlags.Optional);
        all.set(property.name, {
          isOptional: (all.get(property.name)?.isOptional ?? false) || isOptional,
          shape: () => this.shapeOf(this.checker.getTypeOfSymbol(property)),
        });
      }
    }
    return all;
  }
}
