// The registration hook: Okta asks before it creates or changes a user.
//
// A `Call` is a person signing up or completing a profile; a `Decision` is what the
// policy has to say about it.

import { Attributes, Envelope, readUser, type User } from "./call";
import { Remarks, Updates, type WireCause, type WireDecision } from "./decision";
import * as email from "./email";
import { type Exported, exported, type Hook } from "./exported";
import { Failure } from "./failure";
import type { Json } from "./json";
import type { Schema } from "./settings";

export { Attributes, type Request, type User } from "./call";
export { Failure } from "./failure";
export type { Json } from "./json";

/**
 * Which of the registration calls this is: a person signs up, completes a profile, or
 * signs up in an org on Classic Engine.
 */
export type RequestType = "self.service.registration" | "progressive.profile" | "classic";

/** A call of the registration hook. */
export class Call extends Envelope {
  readonly #type: RequestType;
  readonly #submitted: Attributes;

  /** Reads a call as Okta sends it; it throws a failure if the text is none. */
  constructor(json: string) {
    super(json);
    const data = this.data();
    const form = data.attributes("userProfile");
    const changes = data.attributes("userProfileUpdate");
    switch (this.requestTypeText()) {
      case "self.service.registration":
        this.#type = "self.service.registration";
        break;
      case "progressive.profile":
        this.#type = "progressive.profile";
        break;
      case undefined:
        // Early Identity Engine sent none either, for both kinds of call.
        this.#type = form === undefined && changes !== undefined ? "progressive.profile" : "classic";
        break;
      default:
        throw Failure.invalidCall("an unknown `requestType`");
    }
    this.#submitted = (this.isProgressive() ? changes : form) ?? new Attributes({});
  }

  /** Which of the registration calls this is. */
  requestType(): RequestType {
    return this.#type;
  }

  /** Whether a person completes a profile, rather than signs up. */
  isProgressive(): boolean {
    return this.#type === "progressive.profile";
  }

  /**
   * What the person submitted: the form when signing up, the changed attributes alone
   * when completing a profile.
   */
  submitted(): Attributes {
    return this.#submitted;
  }

  /** A submitted attribute; `undefined` if absent or `null`. */
  attribute(name: string): Json | undefined {
    return this.#submitted.get(name);
  }

  /** A submitted attribute that is text; `undefined` also for other types. */
  text(name: string): string | undefined {
    return this.#submitted.text(name);
  }

  /** The submitted e-mail address, as the person wrote it. */
  email(): string | undefined {
    return this.text("email");
  }

  /**
   * The domain of the submitted e-mail address, in the form that domains are compared
   * in; `undefined` if no address was submitted, and also if what was submitted is not
   * one. In a progressive call that does not change the address there is none.
   */
  emailDomain(): string | undefined {
    const address = this.email();
    return address === undefined ? undefined : email.domain(address);
  }

  /** The user as they are so far. Only in a progressive call. */
  user(): User | undefined {
    return readUser(this.context());
  }
}

/** One reason of a denial, shown to the person. */
export class Cause {
  readonly #message: string;
  readonly #attribute: string;
  #code: string | null = null;

  private constructor(attribute: string, message: string) {
    this.#attribute = attribute;
    this.#message = message;
  }

  /** A message shown at the field of an attribute. */
  static at(attribute: string, message: string): Cause {
    return new Cause(attribute, message);
  }

  /**
   * A message that names no field, so that the person does not learn which one was at
   * fault. Okta shows its own general text instead in most sign-up forms.
   */
  static unlocated(message: string): Cause {
    return new Cause("", message);
  }

  /** A code for machines, such as `INVALID_EMAIL_DOMAIN`. */
  code(code: string): this {
    this.#code = code;
    return this;
  }

  /** In the contract's type; `undefined` if the message is blank. */
  toWire(): WireCause | undefined {
    // An empty text, from a setting perhaps, must not undo a denial.
    if (this.#message.trim() === "") {
      return undefined;
    }
    const location = this.#attribute === "" ? null : `data.userProfile.${this.#attribute}`;
    return { errorSummary: this.#message, reason: this.#code, locationType: null, location, domain: null };
  }
}

/**
 * What the policy has to say about a registration: no opinion, a denial, or attributes
 * to set. Okta runs no command of a denial, so attributes set on one are dropped.
 */
export class Decision extends Remarks {
  readonly #causes: Cause[] | undefined;
  readonly #updates = new Updates();

  private constructor(causes?: Cause[]) {
    super();
    this.#causes = causes;
  }

  /**
   * No opinion: as far as this policy is concerned Okta goes on. Another policy may
   * still deny.
   */
  static noOpinion(): Decision {
    return new Decision();
  }

  /**
   * The same as `noOpinion`, for the branch of a rule that was looked for and met.
   * Nothing a policy says can admit a person whom another policy denies.
   */
  static allow(): Decision {
    return new Decision();
  }

  /** Denies without a text of the policy's own. */
  static deny(): Decision {
    return new Decision([]);
  }

  /** Denies, with a message at the field of an attribute. */
  static denyField(attribute: string, message: string): Decision {
    return Decision.denyFields([Cause.at(attribute, message)]);
  }

  /**
   * Denies, with several messages, each at its field. Classic Engine shows the first
   * only. A blank message is left out.
   */
  static denyFields(causes: Cause[]): Decision {
    return new Decision(causes);
  }

  /**
   * Lets Okta go on and sets an attribute, to any JSON value. The attribute must exist
   * in the user schema, with that type. `password` can never be set: a decision that
   * tries is a failure.
   */
  static set(attribute: string, value: Json): Decision {
    return new Decision().andSet(attribute, value);
  }

  /** Sets one more attribute. The last value counts. On a denial this does nothing. */
  andSet(attribute: string, value: Json): this {
    this.#updates.set(attribute, value);
    return this;
  }

  /** A code for machines, such as `INVALID_EMAIL_DOMAIN`, on each message of a denial. */
  code(code: string): this {
    for (const cause of this.#causes ?? []) {
      cause.code(code);
    }
    return this;
  }

  /** Whether this denies. */
  isDenial(): boolean {
    return this.#causes !== undefined;
  }

  /** In the contract's type. */
  toWire(type: RequestType): WireDecision {
    if (this.#causes !== undefined) {
      const causes = this.#causes.map((cause) => cause.toWire()).filter((cause) => cause !== undefined);
      const deny = { type: "com.okta.action.update", value: '{"registration":"DENY"}' };
      return this.wire([deny], causes.length > 0 ? { errorSummary: null, errorCauses: causes } : null);
    }
    if (this.#updates.isEmpty) {
      return this.wire([]);
    }
    const isProgressive = type === "progressive.profile";
    const literal = isProgressive ? "com.okta.user.progressive.profile.update" : "com.okta.user.profile.update";
    return this.wire([{ type: literal, value: this.#updates.object() }]);
  }
}

const hook: Hook<Call, Decision> = {
  read: (json) => new Call(json),
  isDecision: (value) => value instanceof Decision,
  write: (decision, call) => decision.toWire(call.requestType()),
};

/** The export of the hook: `export const registration = policy(decide, rule);`. */
export function policy(decide: (call: Call) => Decision): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule: Schema<S>): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule?: Schema<S>): Exported {
  return exported(hook, decide, rule);
}
