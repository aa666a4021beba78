// What all decisions have in common, and the contract's types.

import { Failure } from "./failure";
import type { Json } from "./json";

/** An instruction to Okta, in the contract's type. */
export interface WireCommand {
  type: string;
  value: string;
}

/** A reason of a denial, in the contract's type. */
export interface WireCause {
  errorSummary: string;
  reason: string | null;
  locationType: string | null;
  location: string | null;
  domain: string | null;
}

/** A decision, in the contract's type. */
export interface WireDecision {
  commands: WireCommand[];
  error: { errorSummary: string | null; errorCauses: WireCause[] } | null;
  debugContext: string | null;
  reason: string | null;
}

/** The remarks that any decision may have. */
export abstract class Remarks {
  #reason: string | null = null;
  #debugContext: string | null = null;

  /**
   * Why, for the operator's log. Never sent to Okta, nor shown to anybody. Keep personal
   * data out of it.
   */
  reason(reason: string): this {
    this.#reason = reason;
    return this;
  }

  /**
   * Free-form JSON for Okta's System Log. Whoever reads that log reads it: no personal
   * data, no secrets.
   */
  debugContext(context: Json): this {
    this.#debugContext = JSON.stringify(context);
    return this;
  }

  /** A decision of these commands and this error. */
  protected wire(commands: WireCommand[], error: WireDecision["error"] = null): WireDecision {
    return { commands, error, debugContext: this.#debugContext, reason: this.#reason };
  }
}

/**
 * Okta's `error` with this summary. A blank one, from a setting perhaps, is left out and
 * must not undo the error.
 */
export function summary(text: string): WireDecision["error"] {
  return { errorSummary: text.trim() === "" ? null : text, errorCauses: [] };
}

/** Attributes to set, in the order in which they were set first. */
export class Updates {
  readonly #members = new Map<string, string>();

  /** Sets one more attribute. The last value of one attribute counts. */
  set(attribute: string, value: Json): void {
    this.#members.set(attribute, JSON.stringify(value));
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** The updates as one object. It is written here: an object would reorder them. */
  object(): string {
    if (this.#members.has("password")) {
      throw Failure.other("sets `password`, which Okta never accepts");
    }
    const members = [...this.#members].map(([name, json]) => `${JSON.stringify(name)}:${json}`);
    return `{${members.join(",")}}`;
  }
}
