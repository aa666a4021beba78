// What all calls have in common: the envelope and the circumstances.

import { Failure } from "./failure";
import { at, isObject, type Json, type JsonObject, member } from "./json";

/**
 * Attributes of a profile, or claims of a token. A value can be any JSON. Okta writes
 * absent ones as `null` in some calls and leaves them out in others, so the two are
 * alike.
 */
export class Attributes {
  readonly #members: JsonObject;

  constructor(members: JsonObject) {
    this.#members = members;
  }

  /** The value of an attribute; `undefined` if it is absent or `null`. */
  get(name: string): Json | undefined {
    return member(this.#members, name);
  }

  /** The value of an attribute that is text; `undefined` also for other types. */
  text(name: string): string | undefined {
    const value = member(this.#members, name);
    return typeof value === "string" ? value : undefined;
  }

  /** Whether an attribute is there and not `null`. */
  has(name: string): boolean {
    return member(this.#members, name) !== undefined;
  }

  /** The names of all attributes, those of `null` ones included. */
  names(): string[] {
    return Object.keys(this.#members);
  }
}

/**
 * An object of a call. What is in another form than Okta documents is a failure only
 * for who asks.
 */
export class Part {
  readonly #members: JsonObject;
  readonly #path: string;

  constructor(members: JsonObject, path: string) {
    this.#members = members;
    this.#path = path;
  }

  text(name: string): string | undefined {
    return this.#typed(name, (value): value is string => typeof value === "string");
  }

  boolean(name: string): boolean | undefined {
    return this.#typed(name, (value): value is boolean => typeof value === "boolean");
  }

  number(name: string): number | undefined {
    return this.#typed(name, (value): value is number => typeof value === "number");
  }

  list(name: string): Json[] {
    return this.#typed(name, (value): value is Json[] => Array.isArray(value)) ?? [];
  }

  texts(name: string): string[] {
    return this.list(name).filter((value) => typeof value === "string");
  }

  members(name: string): JsonObject | undefined {
    return this.#typed(name, isObject);
  }

  part(name: string): Part | undefined {
    const members = this.members(name);
    return members === undefined ? undefined : new Part(members, this.#at(name));
  }

  attributes(name: string): Attributes | undefined {
    const members = this.members(name);
    return members === undefined ? undefined : new Attributes(members);
  }

  #typed<T extends Json>(name: string, is: (value: Json) => value is T): T | undefined {
    const value = member(this.#members, name);
    if (value !== undefined && !is(value)) {
      throw Failure.invalidCall(`\`${this.#at(name)}\`: a member has the wrong type`);
    }
    return value;
  }

  #at(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}

/** The request that the person's browser made to Okta. */
export interface Request {
  /** Okta's id of the request. */
  id: string | undefined;
  /** The HTTP method. */
  method: string | undefined;
  /** The person's address: IPv4 or IPv6 in text form. */
  ipAddress: string | undefined;
  /** The path or address of Okta's that was requested. */
  url: string | undefined;
}

/** The user that a call is about. */
export interface User {
  /** Okta's id of the user. */
  id: string | undefined;
  /** When the password last changed: ISO 8601, UTC. */
  passwordChanged: string | undefined;
  /** The attributes, as they are before this call. Okta sends a selection. */
  profile: Attributes | undefined;
}

/** The user's session at Okta. Okta documents no list of the values of `status` and `amr`. */
export interface Session {
  id: string | undefined;
  userId: string | undefined;
  login: string | undefined;
  /** ISO 8601, UTC, as all times here. */
  createdAt: string | undefined;
  expiresAt: string | undefined;
  /** Such as `ACTIVE`. */
  status: string | undefined;
  lastPasswordVerification: string | undefined;
  /** Who vouched for the user: Okta's id, and `OKTA`, `LDAP`, `FEDERATION` and so on. */
  idp: { id: string | undefined; type: string | undefined } | undefined;
  /** Whether the user has a second factor. */
  mfaActive: boolean | undefined;
  /** How the user proved who they are, such as `PASSWORD`. */
  amr: string[];
}

/** A call: the members that those of all hooks have. */
export class Envelope {
  readonly #json: string;
  readonly #top: Part;
  readonly #data: Part;

  /** Reads a call as Okta sends it; it throws a failure if the text is none. */
  constructor(json: string) {
    const value = parse(json);
    this.#json = json;
    this.#top = new Part(value, "");
    this.#data = this.#top.part("data") ?? new Part({}, "data");
  }

  /** Okta's id of the call. A repeated call has the same one. */
  eventId(): string | undefined {
    return this.#top.text("eventId");
  }

  /** When Okta sent the call: ISO 8601, UTC, such as `2022-04-25T17:35:27.000Z`. */
  eventTime(): string | undefined {
    return this.#top.text("eventTime");
  }

  /** Okta's literal for the hook type. */
  eventType(): string | undefined {
    return this.#top.text("eventType");
  }

  /** Where the call came from. Compare it, do not take it apart. */
  source(): string | undefined {
    return this.#top.text("source");
  }

  /** The call as Okta sent it. */
  json(): string {
    return this.#json;
  }

  /**
   * A member that has no method of its own, by JSON Pointer (RFC 6901) from the top:
   * `/data/context/request/id`.
   */
  pointer(pointer: string): Json | undefined {
    return at(parse(this.#json), pointer);
  }

  /** The request that brought the person here, with their address. */
  request(): Request | undefined {
    const part = this.context()?.part("request");
    return (
      part && {
        id: part.text("id"),
        method: part.text("method"),
        ipAddress: part.text("ipAddress"),
        url: part.part("url")?.text("value"),
      }
    );
  }

  /** The address of the person's browser: IPv4 or IPv6 in text form. */
  ipAddress(): string | undefined {
    return this.context()?.part("request")?.text("ipAddress");
  }

  protected requestTypeText(): string | undefined {
    return this.#top.text("requestType");
  }

  protected data(): Part {
    return this.#data;
  }

  protected context(): Part | undefined {
    return this.#data.part("context");
  }
}

/** A call about a person whom Okta knows. */
export class UserEnvelope extends Envelope {
  /** The user's session at Okta. There is none where no person signed in just now. */
  session(): Session | undefined {
    const part = this.context()?.part("session");
    const idp = part?.part("idp");
    return (
      part && {
        id: part.text("id"),
        userId: part.text("userId"),
        login: part.text("login"),
        createdAt: part.text("createdAt"),
        expiresAt: part.text("expiresAt"),
        status: part.text("status"),
        lastPasswordVerification: part.text("lastPasswordVerification"),
        idp: idp && { id: idp.text("id"), type: idp.text("type") },
        mfaActive: part.boolean("mfaActive"),
        amr: part.texts("amr"),
      }
    );
  }

  /** The user. There is none where a program acts for itself. */
  user(): User | undefined {
    return readUser(this.context());
  }
}

/** The user of a context. */
export function readUser(context: Part | undefined): User | undefined {
  const part = context?.part("user");
  return (
    part && {
      id: part.text("id"),
      passwordChanged: part.text("passwordChanged"),
      profile: part.attributes("profile"),
    }
  );
}

function parse(json: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(json);
  } catch {
    // The engine's message quotes the text.
    throw Failure.invalidCall("not JSON");
  }
  if (!isObject(value)) {
    throw Failure.invalidCall("no object");
  }
  return value;
}
