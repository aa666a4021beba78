// The user import hook: Okta asks once for each new user of an import.
//
// A `Call` is a user who comes from an app; a `Decision` is whether the user is created
// or linked, and attributes.

import { Attributes, Envelope } from "./call";
import { Remarks, summary, Updates, type WireCommand, type WireDecision } from "./decision";
import { type Exported, exported, type Hook } from "./exported";
import { Failure } from "./failure";
import type { Json } from "./json";
import type { Schema } from "./settings";

export { Attributes } from "./call";
export { Failure } from "./failure";
export type { Json } from "./json";

/** A call of the user import hook. */
export class Call extends Envelope {
  /** The user as the app has them. `null` and lists occur among the values. */
  appUser(): Attributes {
    return this.data().part("appUser")?.attributes("profile") ?? new Attributes({});
  }

  /** The user as Okta would have them, after the app's attributes were mapped. */
  user(): Attributes {
    return this.data().part("user")?.attributes("profile") ?? new Attributes({});
  }

  /** Okta's id of the user that the imported one was matched with: `00u…`. */
  userId(): string | undefined {
    return this.data().part("user")?.text("id");
  }

  /** What Okta does if no policy has an opinion; `undefined` if Okta does not say. */
  result(): "CREATE_USER" | "LINK_USER" | undefined {
    const result = this.data().part("action")?.text("result");
    return result === "CREATE_USER" || result === "LINK_USER" ? result : undefined;
  }

  /** The app that users are imported from. */
  application(): { id: string | undefined; name: string | undefined; label: string | undefined } | undefined {
    const part = this.context()?.part("application");
    return part && { id: part.text("id"), name: part.text("name"), label: part.text("label") };
  }

  /** The names of the attributes of the Okta user that are in conflict, such as `login`. */
  conflicts(): string[] {
    return this.context()?.texts("conflicts") ?? [];
  }

  /** The users of Okta that the imported one was matched with, as Okta sends them. */
  matches(): Json[] {
    return this.context()?.list("matches") ?? [];
  }
}

/**
 * What the policy has to say about an imported user: an error, or any of whether the user
 * is created or linked, attributes of the user in Okta, attributes of the user in the
 * app. Okta runs no command of an error, so what is set on one is dropped.
 */
export class Decision extends Remarks {
  readonly #target: { id: string | undefined } | undefined;
  readonly #error: string | undefined;
  readonly #user = new Updates();
  readonly #appUser = new Updates();

  private constructor(target?: { id: string | undefined }, error?: string) {
    super();
    this.#target = target;
    this.#error = error;
  }

  /** No opinion: Okta goes on with what it would do. */
  static noOpinion(): Decision {
    return new Decision();
  }

  /** Creates a new user in Okta, also where Okta would link an existing one. */
  static createUser(): Decision {
    return new Decision({ id: undefined });
  }

  /**
   * Links the user of Okta that has this id (`00u…`). A blank id is a failure. The
   * imported user may then use the app as that one, and the app may write to that one's
   * profile: link only by what you trust the app to say.
   */
  static linkUser(userId: string): Decision {
    return new Decision({ id: userId });
  }

  /** Sets an attribute of the user in Okta, to any JSON value but never `password`. */
  static setUser(attribute: string, value: Json): Decision {
    return new Decision().andSetUser(attribute, value);
  }

  /** Sets an attribute of the user in the app, from where Okta maps it on. */
  static setAppUser(attribute: string, value: Json): Decision {
    return new Decision().andSetAppUser(attribute, value);
  }

  /** One more attribute of the user in Okta. The last value of one attribute counts. */
  andSetUser(attribute: string, value: Json): this {
    this.#user.set(attribute, value);
    return this;
  }

  /** One more attribute of the user in the app. The last value of one attribute counts. */
  andSetAppUser(attribute: string, value: Json): this {
    this.#appUser.set(attribute, value);
    return this;
  }

  /**
   * Reports an error, which Okta writes to its System Log: no personal data. It is no
   * denial: count on the import going on.
   */
  static error(text: string): Decision {
    return new Decision(undefined, text);
  }

  /** In the contract's type. */
  toWire(): WireDecision {
    if (this.#error !== undefined) {
      return this.wire([], summary(this.#error));
    }
    const commands = this.#targetCommands();
    // The app's attributes first: they are mapped on to the user's, and what was set
    // there is to prevail.
    if (!this.#appUser.isEmpty) {
      commands.push({ type: "com.okta.appUser.profile.update", value: this.#appUser.object() });
    }
    if (!this.#user.isEmpty) {
      commands.push({ type: "com.okta.user.profile.update", value: this.#user.object() });
    }
    return this.wire(commands);
  }

  #targetCommands(): WireCommand[] {
    if (this.#target === undefined) {
      return [];
    }
    const { id } = this.#target;
    if (id === undefined) {
      return [{ type: "com.okta.action.update", value: '{"result":"CREATE_USER"}' }];
    }
    if (id.trim() === "") {
      throw Failure.other("links a user whose id is blank");
    }
    return [
      { type: "com.okta.action.update", value: '{"result":"LINK_USER"}' },
      { type: "com.okta.user.update", value: JSON.stringify({ id }) },
    ];
  }
}

const hook: Hook<Call, Decision> = {
  read: (json) => new Call(json),
  isDecision: (value) => value instanceof Decision,
  write: (decision) => decision.toWire(),
};

/** The export of the hook: `export const userImport = policy(decide, rule);`. */
export function policy(decide: (call: Call) => Decision): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule: Schema<S>): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule?: Schema<S>): Exported {
  return exported(hook, decide, rule);
}
