// A policy's settings: what whoever deploys it may change without the author.
//
// Settings are written in TOML beside the component and reach the policy as JSON. They
// are checked when the policy is loaded, against a schema that is built here:
//
//     const rule = object({ domains: list(text()), minimum: optional(integer(), 1) });
//     type Rule = Infer<typeof rule>; // { domains: string[]; minimum: number }
//     export const settings = checked(rule);

import { reported } from "./exported";
import { isObject, type Json, parseExactly, toNumber } from "./json";

/** One thing that is wrong with the settings. */
export interface Problem {
  /** The member at fault, such as `domains[2]`; empty for the whole. */
  path: string;
  /** What is wrong and what would be right. */
  message: string;
}

/** What settings must look like, and how they are read. */
export interface Schema<T> {
  /** Reads a value; `undefined` if it is wrong, of which the problems are added. */
  read(value: Json | undefined, path: string, problems: Problem[]): T | undefined;
  /** Whether the member may be left out. */
  readonly isOptional: boolean;
  /**
   * Checks what the type cannot: ranges, formats, contradictions. `wrong` says what is
   * wrong, or several things each at a path below this member; nothing if all is well.
   */
  check(wrong: (value: T) => string | Problem[] | undefined): Schema<T>;
}

/** The type of the settings that a schema reads. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

/**
 * A schema of your own: `read` returns the value, or what `problem` returns after it
 * was told what is wrong.
 */
export function schema<T>(
  read: (value: Json, problem: (message: string) => undefined, path: string, problems: Problem[]) => T | undefined,
  whenAbsent?: { value: T },
): Schema<T> {
  return {
    isOptional: whenAbsent !== undefined,
    read(value, path, problems) {
      if (value === undefined) {
        return whenAbsent?.value;
      }
      const problem = (message: string): undefined => {
        problems.push({ path, message });
        return undefined;
      };
      return read(value, problem, path, problems);
    },
    check(wrong) {
      return schema((value, problem, path, problems) => {
        const before = problems.length;
        const whole = this.read(value, path, problems);
        if (whole === undefined || problems.length > before) {
          return undefined;
        }
        const found = wrong(whole) ?? [];
        if (typeof found === "string") {
          return problem(found);
        }
        problems.push(...found.map(({ path: below, message }) => ({ path: join(path, below), message })));
        return found.length > 0 ? undefined : whole;
      }, whenAbsent);
    },
  };
}

/** Text. */
export function text(): Schema<string> {
  return ofType("a string", (value) => typeof value === "string");
}

/** `true` or `false`. */
export function boolean(): Schema<boolean> {
  return ofType("a boolean", (value) => typeof value === "boolean");
}

/** A number. */
export function number(): Schema<number> {
  return ofType("a number", (value) => typeof value === "number");
}

/** A whole number that JavaScript can count with: not beyond 2^53. */
export function integer(): Schema<number> {
  return ofType("an integer", (value) => Number.isSafeInteger(value));
}

/** One of these texts. */
export function oneOf<const T extends string>(...texts: T[]): Schema<T> {
  return schema((value, problem) => {
    if (typeof value === "string" && (texts as string[]).includes(value)) {
      return value as T;
    }
    return typeof value === "string"
      ? problem(`unknown variant \`${value}\`, expected ${either(texts)}`)
      : problem(mismatch(value, "a string"));
  });
}

/**
 * Any value that a policy passes on, such as that of an attribute. A number stays as it is
 * written, `2.0` too; do not count with it. Tables are in the order of their names.
 */
export function anything(): Schema<Json> {
  return schema(ordered);
}

/** A value whose objects have their members in the order of the names. */
function ordered(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(ordered);
  }
  return isObject(value)
    ? Object.fromEntries(sorted(Object.keys(value)).map((name) => [name, ordered(value[name] as Json)]))
    : value;
}

/** A list, each of its elements by the same schema. */
export function list<T>(of: Schema<T>): Schema<T[]> {
  return schema((value, problem, path, problems) => {
    if (!Array.isArray(value)) {
      return problem(mismatch(value, "a sequence"));
    }
    return value.map((element, index) => of.read(element, `${path}[${index}]`, problems) as T);
  });
}

/**
 * A table whose names whoever deploys the policy chooses, in the order of the names: by
 * code point, as everywhere but in JavaScript.
 */
export function table<T>(of: Schema<T>): Schema<Map<string, T>> {
  return schema((value, problem, path, problems) => {
    if (!isObject(value)) {
      return problem(mismatch(value, "a map"));
    }
    const names = sorted(Object.keys(value));
    return new Map(names.map((name) => [name, of.read(value[name], join(path, name), problems) as T]));
  });
}

/** A table whose names the author chooses. Any other name is a problem. */
export function object<M extends { [name: string]: Schema<unknown> }>(
  members: M,
): Schema<{ [name in keyof M]: Infer<M[name]> }> {
  const names = Object.keys(members);
  return schema((value, problem, path, problems) => {
    if (!isObject(value)) {
      return problem(mismatch(value, "a map"));
    }
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(members, name)) {
        const expected = names.length === 0 ? "there are no fields" : `expected ${either(names)}`;
        problems.push({ path: join(path, name), message: `unknown field \`${name}\`, ${expected}` });
      }
    }
    const read: { [name: string]: unknown } = {};
    for (const [name, of] of Object.entries(members)) {
      const isThere = Object.hasOwn(value, name);
      if (!isThere && !of.isOptional) {
        problem(`missing field \`${name}\``);
        continue;
      }
      read[name] = of.read(isThere ? value[name] : undefined, join(path, name), problems);
    }
    return read as { [name in keyof M]: Infer<M[name]> };
  });
}

/** A member that may be left out; then it has the other value, or `undefined`. */
export function optional<T>(of: Schema<T>): Schema<T | undefined>;
export function optional<T>(of: Schema<T>, otherwise: T): Schema<T>;
export function optional<T>(of: Schema<T>, otherwise?: T): Schema<T | undefined> {
  return schema<T | undefined>((value, _, path, problems) => of.read(value, path, problems), { value: otherwise });
}

/** The export of the settings' check: `export const settings = checked(rule);`. */
export function checked<T>(rule: Schema<T>): { check(settings: string): void } {
  return {
    check(settings) {
      const problems = reported(() => {
        const found: Problem[] = [];
        rule.read(parseExactly(settings), "", found);
        return found;
      });
      if (problems.length > 0) {
        throw problems;
      }
    },
  };
}

/** Reads settings that were checked; `undefined` if they are others. */
export function read<T>(rule: Schema<T>, settings: string): T | undefined {
  const problems: Problem[] = [];
  const value = rule.read(parseExactly(settings), "", problems);
  return problems.length > 0 ? undefined : value;
}

function ofType<T extends Json>(expected: string, is: (value: Json) => boolean): Schema<T> {
  return schema((written, problem) => {
    const value = toNumber(written);
    return is(value) ? (value as T) : problem(mismatch(value, expected));
  });
}

/** As the SDK for Rust says it. */
function mismatch(value: Json, expected: string): string {
  return `invalid type: ${describe(value)}, expected ${expected}`;
}

function describe(written: Json): string {
  const value = toNumber(written);
  switch (typeof value) {
    case "string":
      return `string ${JSON.stringify(value)}`;
    case "boolean":
      return `boolean \`${value}\``;
    case "number":
      return Number.isInteger(value) ? `integer \`${value}\`` : `floating point \`${value}\``;
    default:
      return value === null ? "null" : Array.isArray(value) ? "sequence" : "map";
  }
}

function either(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length > 2 ? `one of ${quoted.join(", ")}` : quoted.join(" or ");
}

function join(path: string, name: string): string {
  return path === "" || name === "" || name.startsWith("[") ? path + name : `${path}.${name}`;
}

/** By code point. The engine's own order differs only where there are surrogates. */
function sorted(names: string[]): string[] {
  if (!names.some((name) => /[\uD800-\uDFFF]/.test(name))) {
    return names.sort();
  }
  const points = (name: string): number[] => Array.from(name, (character) => character.codePointAt(0) ?? 0);
  return names.sort((one, other) => {
    const [left, right] = [points(one), points(other)];
    const index = left.findIndex((point, at) => point !== right[at]);
    return index < 0 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? -1);
  });
}
