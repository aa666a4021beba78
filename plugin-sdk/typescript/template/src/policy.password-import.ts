// Answers for the users of one domain whether their password is right, and has no opinion
// about others.
//
// `isRight` is to be written: until it asks the system that knows the passwords, it fails,
// and the operator's choice is what Okta is told.

import { domain as domainOf, isSameDomain, normalizeDomain } from "hookwarden-sdk/email";
import { type Call, Decision, Failure, type Password, policy } from "hookwarden-sdk/password-import";
import { checked, type Infer, object, text } from "hookwarden-sdk/settings";

/** Whose passwords are known elsewhere. */
const rule = object({
  domain: text().check((domain) =>
    normalizeDomain(domain) === undefined ? "must be a domain such as `example.com`" : undefined,
  ),
});

/** Whether this is the user's password. Doubt is a failure, and never a yes. */
function isRight(_username: string, password: Password): boolean {
  if (password.reveal() === "") {
    return false;
  }
  throw Failure.unavailable("no system is asked yet");
}

/** What the policy has to say about a call. */
function decide(call: Call, { domain }: Infer<typeof rule>): Decision {
  const own = domainOf(call.username());
  if (own === undefined || !isSameDomain(domain, own)) {
    return Decision.noOpinion();
  }
  return isRight(call.username(), call.password())
    ? Decision.verified()
    : Decision.unverified().reason("another password");
}

export const passwordImport = policy(decide, rule);
export const settings = checked(rule);
