// The SAML assertion hook: Okta asks before it issues an assertion of a custom
// application.
//
// A `Call` is a person who signs in to an application, with the assertion as it would
// be; a `Decision` is what the policy has to say about it: nothing, a refusal, or
// changes. For assertions Okta knows `add` and `replace` alone: nothing can be removed.

import { type Part, UserEnvelope } from "./call";
import { Remarks, summary, type WireDecision } from "./decision";
import { type Exported, exported, type Hook } from "./exported";
import { Failure } from "./failure";
import type { Json } from "./json";
import { type Operation, pointer } from "./patch";
import type { Schema } from "./settings";

export { Attributes, type Request, type Session, type User } from "./call";
export { Failure } from "./failure";

/** How the names of attributes are to be read. */
export const NameFormat = {
  basic: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
  unspecified: "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
  uri: "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
} as const;

/** One value of an attribute: text, and its XML Schema type, such as `xs:string`. */
export interface AttributeValue {
  text: string;
  xsiType: string | undefined;
}

/** An attribute of an assertion: what a call has and what a decision sets. */
export class Attribute {
  readonly #values: AttributeValue[] = [];
  #format: string | undefined;

  /** One or several texts, each an `xs:string`. */
  static text(...texts: string[]): Attribute {
    return texts.reduce((attribute, text) => attribute.and("xs:string", text), new Attribute());
  }

  /** One `xs:integer`. */
  static integer(value: number): Attribute {
    return Attribute.typed("xs:integer", String(value));
  }

  /** One `xs:boolean`. */
  static boolean(value: boolean): Attribute {
    return Attribute.typed("xs:boolean", String(value));
  }

  /** One value of any XML Schema type, such as `xs:dateTime`, in its text form. */
  static typed(xsiType: string, text: string): Attribute {
    return new Attribute().and(xsiType, text);
  }

  /** As Okta writes an attribute. */
  static fromCall(part: Part): Attribute {
    const attribute = new Attribute();
    attribute.#format = part.part("attributes")?.text("NameFormat");
    for (const value of part.list("attributeValues")) {
      const written = value as { attributes?: { "xsi:type"?: string } | null; value?: Json } | null;
      const text = written?.value ?? "";
      attribute.#values.push({
        // A number, a truth value: its JSON is its text.
        text: typeof text === "string" ? text : JSON.stringify(text),
        xsiType: written?.attributes?.["xsi:type"],
      });
    }
    return attribute;
  }

  /** One more value. */
  and(xsiType: string, text: string): this {
    this.#values.push({ text, xsiType });
    return this;
  }

  /** How the name is to be read: one of `NameFormat`, or another URI. */
  format(uri: string): this {
    this.#format = uri;
    return this;
  }

  /** How the name is to be read, if that is said. */
  nameFormat(): string | undefined {
    return this.#format;
  }

  /** The values with their types. */
  values(): readonly AttributeValue[] {
    return this.#values;
  }

  /** The first value as text; the only one of most attributes. */
  first(): string | undefined {
    return this.#values[0]?.text;
  }

  /** Whether a value is this text. */
  contains(text: string): boolean {
    return this.#values.some((value) => value.text === text);
  }

  /** As Okta writes it. */
  toJson(): Json {
    return {
      attributes: { NameFormat: this.#format ?? NameFormat.unspecified },
      attributeValues: this.#values.map(({ text, xsiType }) => ({
        attributes: { "xsi:type": xsiType ?? "xs:string" },
        value: text,
      })),
    };
  }
}

/** A call of the SAML assertion hook. */
export class Call extends UserEnvelope {
  /** The name that the application knows the person by. */
  nameId(): string | undefined {
    return this.#assertion()?.part("subject")?.text("nameId");
  }

  /** What kind of name that is, as a URI. */
  nameIdFormat(): string | undefined {
    return this.#assertion()?.part("subject")?.text("nameFormat");
  }

  /** Whom the assertion is for: the audiences that may accept it. */
  audiences(): string[] {
    return this.#assertion()?.part("conditions")?.texts("audienceRestriction") ?? [];
  }

  /** The class of the authentication context. */
  contextClass(): string | undefined {
    const authentication = this.#assertion()?.part("authentication");
    return authentication?.part("authnContext")?.text("authnContextClassRef");
  }

  /** How many seconds the assertion is good for. */
  lifetime(): number | undefined {
    return this.#assertion()?.part("lifetime")?.number("expiration");
  }

  /** An attribute of the assertion, by its whole name, which can be a URI. */
  attribute(name: string): Attribute | undefined {
    const part = this.#assertion()?.part("claims")?.part(name);
    return part && Attribute.fromCall(part);
  }

  /** The names of all attributes of the assertion. */
  attributeNames(): string[] {
    return this.#assertion()?.attributes("claims")?.names() ?? [];
  }

  /** Okta's id of the application that the person signs in to. */
  applicationId(): string | undefined {
    return this.context()?.part("protocol")?.part("issuer")?.text("id");
  }

  /** The application's name in Okta's console. */
  applicationName(): string | undefined {
    return this.context()?.part("protocol")?.part("issuer")?.text("name");
  }

  #assertion(): Part | undefined {
    return this.data().part("assertion");
  }
}

/**
 * What the policy has to say about an assertion: no opinion, a refusal, or changes. A
 * refusal stands alone: what a decision changed before is dropped with it.
 */
export class Decision extends Remarks {
  readonly #denial: string | undefined;
  readonly #operations: Operation[] = [];
  #mistake: string | undefined;

  private constructor(denial?: string) {
    super();
    this.#denial = denial;
  }

  /** No opinion: as far as this policy is concerned Okta issues the assertion as it is. */
  static noOpinion(): Decision {
    return new Decision();
  }

  /** Refuses the sign-on. The person reads this text; with a blank one, Okta's own. */
  static deny(message: string): Decision {
    return new Decision(message);
  }

  /**
   * Gives the assertion an attribute, in place of one of this name that it may have. One
   * without values is not sent. The name can be a URI; an empty one is a failure.
   */
  static setAttribute(name: string, attribute: Attribute | string): Decision {
    return new Decision().andSetAttribute(name, attribute);
  }

  /** One more attribute. On a refusal this does nothing. */
  andSetAttribute(name: string, attribute: Attribute | string): this {
    const set = typeof attribute === "string" ? Attribute.text(attribute) : attribute;
    if (name === "") {
      this.#mistake = "sets an attribute that has no name";
    }
    return set.values().length === 0 ? this : this.#add("add", pointer("/claims", [name]), set.toJson());
  }

  /** The name that the application knows the person by. A blank one is a failure. */
  andNameId(name: string): this {
    if (name.trim() === "") {
      this.#mistake = "sets a blank name id";
    }
    return this.#add("replace", "/subject/nameId", name);
  }

  /** The class of the authentication context, as a URI. */
  andContextClass(uri: string): this {
    return this.#add("replace", "/authentication/authnContext", { authnContextClassRef: uri });
  }

  /** How many seconds the application may keep the person signed in. */
  andSessionLifetime(seconds: number): this {
    if (!(seconds >= 1)) {
      this.#mistake = "sets a session lifetime of less than a second";
    }
    return this.#add("add", "/authentication/sessionLifetime", Math.trunc(seconds));
  }

  /** Whom the assertion is for, in place of all that are there. None is a failure. */
  andAudiences(audiences: string[]): this {
    if (audiences.length === 0) {
      this.#mistake = "restricts the assertion to no audience";
    }
    return this.#add("replace", "/conditions/audienceRestriction", audiences);
  }

  /** Whether this denies. */
  isDenial(): boolean {
    return this.#denial !== undefined;
  }

  #add(op: Operation["op"], path: string, value: Json): this {
    this.#operations.push({ op, path, value });
    return this;
  }

  /** In the contract's type. */
  toWire(): WireDecision {
    if (this.#denial !== undefined) {
      return this.wire([], summary(this.#denial));
    }
    if (this.#mistake !== undefined) {
      throw Failure.other(this.#mistake);
    }
    const isEmpty = this.#operations.length === 0;
    const value = JSON.stringify(this.#operations);
    return this.wire(isEmpty ? [] : [{ type: "com.okta.assertion.patch", value }]);
  }
}

const hook: Hook<Call, Decision> = {
  read: (json) => new Call(json),
  isDecision: (value) => value instanceof Decision,
  write: (decision) => decision.toWire(),
};

/** The export of the hook: `export const saml = policy(decide, rule);`. */
export function policy(decide: (call: Call) => Decision): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule: Schema<S>): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule?: Schema<S>): Exported {
  return exported(hook, decide, rule);
}
