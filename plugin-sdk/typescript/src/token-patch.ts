// What is to change in a token.

import type { Attributes } from "./call";
import { Failure } from "./failure";
import { isObject, type Json, type JsonObject, member } from "./json";
import { type Operation, pointer } from "./patch";

/** One of the two tokens that a policy can change. */
export type Token = "id" | "access";

/**
 * A claim, or a place inside of its value. A name is a claim. Several are the way to a
 * place: the claim first, then the members of objects and the positions in lists, which
 * count from zero. A name is taken as it is, so a claim can be named by a URI.
 */
export type Claim = string | string[];

const RESERVED = new Set(
  "acr auth_time cid cnf exp groups iat iss jti sid token_type ver".split(" "),
);

const RESERVED_IN = {
  id: new Set(
    (
      "active aid amr app_id app_type at_hash aud c_hash client_id client_ip client_req_id " +
      "client_type client_user_agent device_compliance device_id device_known device_managed " +
      "device_name device_trust did dst group hotk idp idp_iss mac_key may_act nonce oid " +
      "okta_emailVerified okta_lastUpdated orig permissions purpose pwd_exp_days pwd_exp_time " +
      "rid role scope scopes sub term user_ip"
    ).split(" "),
  ),
  access: new Set("as_uri authorization_details rpt rsi scp uid username".split(" ")),
};

/** Whether Okta keeps a claim of this token for itself. */
export function isReserved(token: Token, claim: string): boolean {
  return RESERVED.has(claim) || RESERVED_IN[token].has(claim);
}

type Kind = "set" | "append" | "insert" | "replace" | "remove";

interface Change {
  kind: Kind;
  way: string[];
  value: Json;
  position: number;
}

/** The values of a claim, with the claim at the top, and what else it stands in. */
type Place = { parent: JsonObject | Json[]; last: string };

/** What is to change in one token, in this order. A `null` says nothing. */
export class Patch {
  #changes: Change[] = [];
  #lifetime: number | undefined;

  /**
   * Gives a claim this value, whether or not it has one. In a list it replaces an
   * element. What is missing on the way is created as objects.
   */
  set(claim: Claim, value: Json): this {
    return this.#change("set", claim, value);
  }

  /** Adds an element at the end of a list, and the list if there is none. */
  append(list: Claim, value: Json): this {
    return this.#change("append", list, value);
  }

  /** Adds an element to a list, before the one at this position, counted from zero. */
  insert(list: Claim, position: number, value: Json): this {
    return this.#change("insert", list, value, position);
  }

  /** Gives a claim this value if it has one. If it has none, this does nothing. */
  replace(claim: Claim, value: Json): this {
    return this.#change("replace", claim, value);
  }

  /** Removes a claim, a member or an element. If there is none, this does nothing. */
  remove(claim: Claim): this {
    this.#changes.push({ kind: "remove", way: [claim].flat(), value: null, position: 0 });
    return this;
  }

  /** How long the token is good for, from 300 to 86,400 seconds. The last one counts. */
  lifetime(seconds: number): this {
    this.#lifetime = Math.trunc(seconds);
    return this;
  }

  #change(kind: Kind, claim: Claim, value: Json, position = 0): this {
    if (value !== null && value !== undefined) {
      this.#changes.push({ kind, way: [claim].flat(), value, position });
    }
    return this;
  }

  /** Adds what another patch changes, after what this one does. */
  extend(other: Patch): void {
    this.#changes.push(...other.#changes);
    this.#lifetime = other.#lifetime ?? this.#lifetime;
  }

  /** The operations that Okta accepts for this token; none if it is not minted. */
  resolve(token: Token, claims: Attributes | undefined): Operation[] {
    const fail = (what: string): never => {
      throw Failure.other(`${what} in the ${token === "id" ? "ID" : "access"} token`);
    };
    // A mistake of the author's is found in every call, and not only in those that mint
    // the token.
    for (const { way } of this.#changes) {
      const [name] = way;
      if (name === undefined || name === "") {
        fail("changes a claim that has no name");
      } else if (isReserved(token, name)) {
        fail(`changes \`${name}\`, reserved by Okta,`);
      }
    }
    const lifetime = this.#lifetime;
    if (lifetime !== undefined && !(lifetime >= 300 && lifetime <= 86_400)) {
      fail("sets a lifetime that is not 300 to 86400 seconds");
    }
    if (claims === undefined) {
      return [];
    }
    const working: JsonObject = Object.create(null);
    for (const name of claims.names()) {
      const value = claims.get(name);
      if (value !== undefined) {
        working[name] = value;
      }
    }
    const operations = this.#changes.flatMap((change) => {
      const made = apply(working, change);
      if (typeof made === "string") {
        return fail(`changes \`${pointer("", change.way).slice(1)}\`, ${made},`);
      }
      return made === undefined ? [] : [made];
    });
    if (lifetime !== undefined) {
      operations.push({ op: "replace", path: "/token/lifetime/expiration", value: lifetime });
    }
    return operations;
  }
}

/** Makes a change, and says as what operation; as text what is wrong with it. */
function apply(claims: JsonObject, change: Change): Operation | string | undefined {
  const { kind, way } = change;
  // Values are shared with the call and with the operations before.
  const value = structuredCopy(change.value);
  const name = way[0] ?? "";
  if (claims[name] !== undefined) {
    claims[name] = structuredCopy(claims[name]);
  }
  let parent: JsonObject | Json[] = claims;
  for (const [depth, step] of way.entries()) {
    const here: Json | undefined = child(parent, step);
    const isLast = depth === way.length - 1;
    const isConditional = kind === "replace" || kind === "remove";
    if (here === undefined) {
      if (isConditional) {
        return undefined;
      }
      if (Array.isArray(parent)) {
        return "which is beyond the end of a list";
      }
      if (kind === "insert") {
        return "which is no list";
      }
      return create(parent, way, depth, kind === "append" ? [value] : value);
    }
    if (isLast) {
      return there({ parent, last: step }, here, change, value);
    }
    if (!isObject(here) && !Array.isArray(here)) {
      return isConditional ? undefined : "which is inside of a value that has no inside";
    }
    parent = here;
  }
  return undefined;
}

/** Adds what is missing on the way from `depth` on. */
function create(parent: JsonObject, way: string[], depth: number, value: Json): Operation {
  let whole = value;
  for (const step of way.slice(depth + 1).reverse()) {
    whole = { [step]: whole };
  }
  parent[way[depth] ?? ""] = structuredCopy(whole);
  return { op: "add", path: pointer("/claims", way.slice(0, depth + 1)), value: whole };
}

/** Changes a value that is there. */
function there({ parent, last }: Place, here: Json, change: Change, value: Json): Operation | string {
  const path = pointer("/claims", change.way);
  switch (change.kind) {
    case "append":
    case "insert": {
      if (!Array.isArray(here)) {
        return "which is no list";
      }
      if (change.kind === "append") {
        here.push(structuredCopy(value));
        return { op: "add", path: `${path}/-`, value };
      }
      if (!(change.position >= 0 && change.position <= here.length)) {
        return "which is a list that ends before";
      }
      here.splice(change.position, 0, structuredCopy(value));
      return { op: "add", path: `${path}/${change.position}`, value };
    }
    case "remove":
      if (Array.isArray(parent)) {
        parent.splice(Number(last), 1);
      } else {
        delete parent[last];
      }
      return { op: "remove", path };
    case "set":
    case "replace": {
      // Okta's `add` makes room in a list.
      const op = Array.isArray(parent) || change.kind === "replace" ? "replace" : "add";
      (parent as JsonObject)[last] = structuredCopy(value);
      return { op, path, value };
    }
  }
}

function child(parent: JsonObject | Json[], step: string): Json | undefined {
  if (Array.isArray(parent)) {
    return /^(0|[1-9][0-9]*)$/.test(step) ? parent[Number(step)] : undefined;
  }
  return member(parent, step);
}

function structuredCopy<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
