// Secrets: values that must not stand in settings, such as keys and tokens.
//
// Settings name a secret, and the operator binds the name to a value, for one policy
// alone. In settings written in TOML that is `token = { secret = "crm-token" }`, and
// in the policy `object({ token: secrets.named() })`.
//
// The policy's world imports `hookwarden:policy/secrets@0.1.0`.

import host from "hookwarden:policy/secrets@0.1.0";
import { Failure } from "./failure";
import { named as namedBy } from "./named";
import type { Schema } from "./settings";

/** The value of a secret. Written as text or as JSON it does not show it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /**
   * The value itself. It must not leave the policy except to the service that it is
   * for.
   */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "Secret(..)";
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * The value that the operator bound to a name; `undefined` if there is none. It may
 * change between two evaluations, never within one.
 */
export function get(name: string): Secret | undefined {
  const value = host.get(name);
  return value === null || value === undefined ? undefined : new Secret(value);
}

/** A secret that settings name. */
export class Named {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * The value that the operator bound to the name. If there is none it throws a
   * failure that says the name.
   */
  value(): Secret {
    const value = get(this.name);
    if (value === undefined) {
      throw Failure.unavailable(`no value is bound to the secret \`${this.name}\``);
    }
    return value;
  }
}

/** A setting that names a secret: `{ secret = "crm-token" }`, and nothing else. */
export function named(): Schema<Named> {
  return namedBy("secret", (name) => new Named(name));
}
