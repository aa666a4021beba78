// The token hook: Okta asks before a custom authorization server mints tokens.
//
// A `Call` is a client that asks for tokens; a `Decision` is what is to change in them,
// or a refusal. What is set on a token that is not minted is left out.

import { Attributes, Part, UserEnvelope } from "./call";
import { Remarks, summary, type WireCommand, type WireDecision } from "./decision";
import { type Exported, exported, type Hook } from "./exported";
import type { Json } from "./json";
import type { Schema } from "./settings";
import { type Claim, Patch, type Token } from "./token-patch";

export { Attributes, type Request, type Session, type User } from "./call";
export { Failure } from "./failure";
export type { Json } from "./json";
export { type Claim, isReserved, Patch, type Token } from "./token-patch";

/** A token as it would be minted if nobody changed it. */
export class Draft {
  readonly #claims: Attributes;
  readonly #scopes: Part;
  readonly #names: string[];
  readonly #lifetime: number | undefined;

  constructor(part: Part) {
    const scopes = part.members("scopes") ?? {};
    this.#claims = part.attributes("claims") ?? new Attributes({});
    this.#scopes = new Part(scopes, "scopes");
    this.#names = Object.keys(scopes);
    this.#lifetime = part.part("token")?.part("lifetime")?.number("expiration");
  }

  /** The claims, in the order in which Okta sent them. */
  claims(): Attributes {
    return this.#claims;
  }

  /** The value of a claim; `undefined` if it is absent or `null`. */
  claim(name: string): Json | undefined {
    return this.#claims.get(name);
  }

  /** The value of a claim that is text; `undefined` also for other types. */
  claimText(name: string): string | undefined {
    return this.#claims.text(name);
  }

  /** How many seconds the token will be good for. */
  lifetime(): number | undefined {
    return this.#lifetime;
  }

  /** The scopes that are granted. An ID token has none. */
  scopes(): string[] {
    return this.#names.filter((name) => this.hasScope(name));
  }

  /** Whether a scope is granted. */
  hasScope(name: string): boolean {
    const scope = this.#scopes.part(name);
    // `GRANT` is the only action that Okta documents.
    return scope !== undefined && (scope.text("action") ?? "GRANT") === "GRANT";
  }
}

/** A call of the token hook. */
export class Call extends UserEnvelope {
  readonly #identity: Draft | undefined;
  readonly #access: Draft | undefined;

  /** Reads a call as Okta sends it; it throws a failure if the text is none. */
  constructor(json: string) {
    super(json);
    const [identity, access] = [this.data().part("identity"), this.data().part("access")];
    this.#identity = identity && new Draft(identity);
    this.#access = access && new Draft(access);
  }

  /** The ID token, if one is minted. */
  identity(): Draft | undefined {
    return this.#identity;
  }

  /** The access token, if one is minted. */
  access(): Draft | undefined {
    return this.#access;
  }

  /** One of the two, if it is minted. */
  token(token: Token): Draft | undefined {
    return token === "id" ? this.#identity : this.#access;
  }

  /** The id of the refresh token: the same in the first call and in later refreshes. */
  refreshTokenId(): string | undefined {
    return this.data().part("refresh_token")?.text("jti");
  }

  /** The id of the client that asks for tokens. */
  clientId(): string | undefined {
    return this.#protocol()?.part("client")?.text("id");
  }

  /** The name of the client in Okta's console. */
  clientName(): string | undefined {
    return this.#protocol()?.part("client")?.text("name");
  }

  /** By what right the client asks, such as `client_credentials`. */
  grantType(): string | undefined {
    return this.#protocol()?.part("request")?.text("grant_type");
  }

  /**
   * The scopes that the client asks for in this request. A refresh need not repeat them.
   * What is granted is in `scopes` of the access token.
   */
  requestedScopes(): string[] {
    const scope = this.#protocol()?.part("request")?.text("scope") ?? "";
    return scope.split(/\s+/).filter((name) => name !== "");
  }

  /** The address of the authorization server, the `iss` of the tokens. */
  issuer(): string | undefined {
    return this.#protocol()?.part("issuer")?.text("uri");
  }

  #protocol(): Part | undefined {
    return this.context()?.part("protocol");
  }
}

/**
 * What the policy has to say about the tokens: no opinion, a refusal, or patches. A
 * refusal stands alone: what a decision changed before is dropped with it.
 */
export class Decision extends Remarks {
  readonly #denial: string | undefined;
  readonly #identity = new Patch();
  readonly #access = new Patch();

  private constructor(denial?: string) {
    super();
    this.#denial = denial;
  }

  /** No opinion: as far as this policy is concerned Okta mints the tokens as they are. */
  static noOpinion(): Decision {
    return new Decision();
  }

  /** Refuses the tokens. The text becomes `error_description`; a blank one is left out. */
  static deny(text: string): Decision {
    return new Decision(text);
  }

  /** Gives a claim of a token this value, whether or not it has one. */
  static setClaim(token: Token, claim: Claim, value: Json): Decision {
    return new Decision().andSetClaim(token, claim, value);
  }

  /** One more claim. On a refusal this does nothing. */
  andSetClaim(token: Token, claim: Claim, value: Json): this {
    return this.andPatch(token, new Patch().set(claim, value));
  }

  /** Changes a token. */
  static patch(token: Token, patch: Patch): Decision {
    return new Decision().andPatch(token, patch);
  }

  /** Changes a token further. On a refusal this does nothing. */
  andPatch(token: Token, patch: Patch): this {
    (token === "id" ? this.#identity : this.#access).extend(patch);
    return this;
  }

  /** Whether this denies. */
  isDenial(): boolean {
    return this.#denial !== undefined;
  }

  /** In the contract's type. */
  toWire(call: Call): WireDecision {
    if (this.#denial !== undefined) {
      return this.wire([], summary(this.#denial));
    }
    const commands: WireCommand[] = [];
    for (const [type, token, patch] of [
      ["com.okta.identity.patch", "id", this.#identity],
      ["com.okta.access.patch", "access", this.#access],
    ] as const) {
      const operations = patch.resolve(token, call.token(token)?.claims());
      if (operations.length > 0) {
        commands.push({ type, value: JSON.stringify(operations) });
      }
    }
    return this.wire(commands);
  }
}

const hook: Hook<Call, Decision> = {
  read: (json) => new Call(json),
  isDecision: (value) => value instanceof Decision,
  write: (decision, call) => decision.toWire(call),
};

/** The export of the hook: `export const token = policy(decide, rule);`. */
export function policy(decide: (call: Call) => Decision): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule: Schema<S>): Exported;
export function policy<S>(decide: (call: Call, settings: S) => Decision, rule?: Schema<S>): Exported {
  return exported(hook, decide, rule);
}
