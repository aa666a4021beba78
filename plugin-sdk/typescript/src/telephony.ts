// The telephony hook: Okta asks somebody else to deliver a one-time code.
//
// A `Call` is a person who waits for a code; a `Decision` says what became of it.

import { Envelope, type Part } from "./call";
import { Remarks, summary, type WireDecision } from "./decision";
import { type Exported, exported, type Hook } from "./exported";
import { Failure } from "./failure";
import { member } from "./json";
import type { Schema } from "./settings";

export { Failure } from "./failure";

/** A call of the telephony hook. Keep code and number out of every text that leaves the policy. */
export class Call extends Envelope {
  /**
   * What the code is for, such as `com.okta.user.telephony.mfa-verification`. Absent in
   * calls as they were before March 2022.
   */
  requestType(): string | undefined {
    return this.requestTypeText();
  }

  /** Okta's id of the user: `00u…`. */
  userId(): string | undefined {
    return this.#user()?.text("userId");
  }

  /** The name that the user signs in with. */
  login(): string | undefined {
    return this.#user()?.text("login");
  }

  /** The first name. */
  firstName(): string | undefined {
    return this.#user()?.text("firstName");
  }

  /** The last name. */
  lastName(): string | undefined {
    return this.#user()?.text("lastName");
  }

  /**
   * The phone number to deliver to, as Okta sends it: usually `+` and digits (E.164), but
   * Okta's own examples have digits alone.
   */
  phoneNumber(): string | undefined {
    return this.#digits("phoneNumber");
  }

  /** The one-time code. It may begin with zeros, so it is text. */
  otpCode(): string | undefined {
    return this.#digits("otpCode");
  }

  /** When the code expires: ISO 8601, UTC. */
  expires(): string | undefined {
    return this.#message()?.text("otpExpires");
  }

  /** The whole text message, the code in it. Not in a voice call. */
  template(): string | undefined {
    return this.#message()?.text("msgTemplate");
  }

  /** How the code is to be delivered; another text if Okta does not document it. */
  channel(): string | undefined {
    const channel = this.#message()?.text("deliveryChannel");
    switch (channel?.toLowerCase()) {
      case "sms":
        return "sms";
      case "voice":
      case "voice call":
        return "voice";
      default:
        return channel;
    }
  }

  /** The person's language, such as `EN-US` or `en`. */
  locale(): string | undefined {
    return this.#message()?.text("locale");
  }

  #user(): Part | undefined {
    return this.data().part("userProfile");
  }

  #message(): Part | undefined {
    return this.data().part("messageProfile");
  }

  /** A text of digits, which Okta's own example writes as a number. */
  #digits(name: string): string | undefined {
    const value = member(this.data().members("messageProfile") ?? {}, name);
    if (typeof value === "string" || value === undefined) {
      return value;
    }
    if (Number.isSafeInteger(value)) {
      return String(value);
    }
    throw Failure.invalidCall(`\`data.messageProfile.${name}\`: neither text nor a whole number`);
  }
}

type Report = { status: string; provider?: string; transactionId?: string; transactionMetadata?: string };

/** What the policy has to say about a one-time code. */
export class Decision extends Remarks {
  readonly #report: Report | undefined;
  readonly #handBack: string | undefined;

  private constructor(report?: Report, handBack?: string) {
    super();
    this.#report = report;
    this.#handBack = handBack;
  }

  /**
   * No opinion: the code is left to the next policy. If none has one, Okta's own provider
   * delivers.
   */
  static noOpinion(): Decision {
    return new Decision();
  }

  /** The code was delivered, by this provider under this id of its own. */
  static delivered(provider: string, transactionId: string): Decision {
    return new Decision({ status: "SUCCESSFUL", provider, transactionId });
  }

  /** The code is on its way: the provider took it, and has not said yet what became of it. */
  static pending(provider: string, transactionId: string): Decision {
    return new Decision({ status: "PENDING", provider, transactionId });
  }

  /**
   * The code could not be delivered, or is not to be. Okta does not promise that nobody
   * delivers it then: where the org has Okta's own provider besides, that one may.
   */
  static failed(): Decision {
    return new Decision({ status: "FAILED" });
  }

  /**
   * Hands the code back: Okta's own provider delivers it. The text is for Okta's System
   * Log: no code, no phone number, no personal data.
   */
  static handBack(text: string): Decision {
    return new Decision(undefined, text);
  }

  /** What else there is to say about the delivery, such as `Duration=300ms`. */
  transactionMetadata(text: string): this {
    if (this.#report !== undefined) {
      this.#report.transactionMetadata = text;
    }
    return this;
  }

  /** In the contract's type. */
  toWire(): WireDecision {
    if (this.#handBack !== undefined) {
      return this.wire([], summary(this.#handBack));
    }
    const value = JSON.stringify([this.#report]);
    return this.wire(this.#report === undefined ? [] : [{ type: "com.okta.telephony.action", value }]);
  }
}

const hook: Hook<Call, Decision> = {
  read: (json) => new Call(json),
  isDecision: (value) => value instanceof Decision,
  write: (decision) => decision.toWire(),
};

/** The export of the hook: `export const telephony = policy(decide, rule);`. */
export function policy(decide: (call: Call) => Decision): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule: Schema<S>): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule?: Schema<S>): Exported {
  return exported(hook, decide, rule);
}
