// JSON values, and the members of objects that somebody else wrote.

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** An object of JSON. */
export type JsonObject = { [name: string]: Json };

/** Whether a value is an object, and neither a list nor `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !engine.isRawJSON(value);
}

/** An object's own member; `undefined` if it is absent or `null`. */
export function member(object: JsonObject, name: string): Json | undefined {
  // What every object inherits, such as `constructor`, is no member.
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** The value at a JSON Pointer (RFC 6901); `undefined` if there is none. */
export function at(value: Json, pointer: string): Json | undefined {
  if (pointer === "") {
    return value;
  }
  if (!pointer.startsWith("/")) {
    return undefined;
  }
  let here: Json | undefined = value;
  for (const step of pointer.slice(1).split("/")) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(here)) {
      here = /^(0|[1-9][0-9]*)$/.test(name) ? here[Number(name)] : undefined;
    } else if (isObject(here) && Object.hasOwn(here, name)) {
      here = here[name];
    } else {
      return undefined;
    }
  }
  return here;
}

/** A number that JavaScript would change: its text, as the engine writes it again. */
interface Raw {
  readonly rawJSON: string;
}

const engine = JSON as unknown as {
  rawJSON(text: string): Raw;
  isRawJSON(value: unknown): value is Raw;
  parse(text: string, reviver: (name: string, value: Json, context: { source?: string }) => unknown): Json;
};

/**
 * Reads JSON so that writing it again gives the same numbers: `2.0` is not `2`, and a
 * whole number beyond 2^53 keeps its digits. Such a number is an object; see `toNumber`.
 */
export function parseExactly(text: string): Json {
  // Most texts have no such number, and reading them so costs much more.
  if (!/[0-9](?:\.|[eE]|[0-9]{15})/.test(text)) {
    return JSON.parse(text);
  }
  return engine.parse(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined && source !== String(value) ? engine.rawJSON(source) : value,
  );
}

/** A number as JavaScript counts with it; any other value as it is. */
export function toNumber(value: Json): Json {
  return engine.isRawJSON(value) ? Number(value.rawJSON) : value;
}
