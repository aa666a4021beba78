// A failure: the policy could not decide.

/** A failure in the contract's type. */
export interface WireFailure {
  tag: "invalid-call" | "unavailable" | "other";
  val: string;
}

/**
 * Why a policy could not decide: `throw` it.
 *
 * A failure is not a denial: the operator has chosen beforehand what Okta is told
 * when this policy fails. The text is for the operator's log, and never reaches the
 * person or Okta. Keep personal data out of it.
 */
export class Failure extends Error {
  readonly kind: WireFailure["tag"];

  private constructor(kind: WireFailure["tag"], message: string) {
    super(message);
    this.name = "Failure";
    this.kind = kind;
  }

  /** The call does not have the form that this policy understands. */
  static invalidCall(message: string): Failure {
    return new Failure("invalid-call", message);
  }

  /** Something the decision needs did not answer. */
  static unavailable(message: string): Failure {
    return new Failure("unavailable", message);
  }

  /** Anything else. */
  static other(message: string): Failure {
    return new Failure("other", message);
  }

  /** In the contract's type. */
  toWire(): WireFailure {
    return { tag: this.kind, val: this.message };
  }
}
