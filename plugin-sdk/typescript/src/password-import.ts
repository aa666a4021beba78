// The password import hook: is this the right password?
//
// A `Call` is somebody who signs in with a password that Okta does not know yet; a
// `Decision` says whether it is the user's.

import { Envelope } from "./call";
import { Remarks, type WireDecision } from "./decision";
import { type Exported, exported, type Hook } from "./exported";
import { Failure } from "./failure";
import type { Schema } from "./settings";

export { Failure } from "./failure";

/** A password. Written as text or as JSON it does not show it. */
export class Password {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The password itself. Keep it out of every text that leaves the policy. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "Password(..)";
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A call of the password import hook. */
export class Call extends Envelope {
  readonly #username: string;
  readonly #password: Password;

  /**
   * Reads a call as Okta sends it; it throws a failure if the text is none. Without a
   * user name or a password there is nothing to decide, so that is a failure too.
   */
  constructor(json: string) {
    super(json);
    const credential = this.context()?.part("credential");
    const [username, password] = [credential?.text("username"), credential?.text("password")];
    if (username === undefined || password === undefined) {
      throw Failure.invalidCall("`data.context.credential` has no user name or no password");
    }
    this.#username = username;
    this.#password = new Password(password);
  }

  /** The name that the person signs in with, as Okta sends it. */
  username(): string {
    return this.#username;
  }

  /** The password that the person typed, in plain text. */
  password(): Password {
    return this.#password;
  }
}

/** What the policy has to say about a password. */
export class Decision extends Remarks {
  readonly #credential: "VERIFIED" | "UNVERIFIED" | undefined;

  private constructor(credential?: "VERIFIED" | "UNVERIFIED") {
    super();
    this.#credential = credential;
  }

  /**
   * No opinion, for users that are not this policy's business. If no policy has one, Okta
   * refuses the password.
   */
  static noOpinion(): Decision {
    return new Decision();
  }

  /**
   * The password is the user's: Okta signs the person in and keeps it. Never the answer
   * to doubt: throw a `Failure` when you could not find out.
   */
  static verified(): Decision {
    return new Decision("VERIFIED");
  }

  /** The password is not the user's: the person is refused. */
  static unverified(): Decision {
    return new Decision("UNVERIFIED");
  }

  /** In the contract's type. */
  toWire(): WireDecision {
    const value = JSON.stringify({ credential: this.#credential });
    return this.wire(this.#credential === undefined ? [] : [{ type: "com.okta.action.update", value }]);
  }
}

/** Whether two secrets are the same, in a time that does not depend on where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1) {
    difference |= one.charCodeAt(index) ^ (other.charCodeAt(index) || 0);
  }
  return difference === 0;
}

const hook: Hook<Call, Decision> = {
  read: (json) => new Call(json),
  isDecision: (value) => value instanceof Decision,
  write: (decision) => decision.toWire(),
};

/** The export of the hook: `export const passwordImport = policy(decide, rule);`. */
export function policy(decide: (call: Call) => Decision): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule: Schema<S>): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule?: Schema<S>): Exported {
  return exported(hook, decide, rule);
}
