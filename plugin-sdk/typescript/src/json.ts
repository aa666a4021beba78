// JSON values, and the members of objects that somebody else wrote.

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** An object of JSON. */
export type JsonObject = { [name: string]: Json };

/** Whether a value is an object, and neither a list nor `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
