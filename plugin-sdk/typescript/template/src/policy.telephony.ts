// Refuses one-time codes to phone numbers with certain prefixes, and leaves all others to
// whoever delivers.

import { checked, type Infer, list, object, text } from "hookwarden-sdk/settings";
import { type Call, Decision, Failure, policy } from "hookwarden-sdk/telephony";

/** Which numbers are refused. */
const rule = object({
  /** With the country code: `+1900`. */
  prefixes: list(
    text().check((prefix) =>
      prefix.startsWith("+") && digits(prefix) !== ""
        ? undefined
        : "must be `+`, the country code and what follows, such as `+1900`",
    ),
  ),
});

/** A number without what is written between its digits. */
function digits(number: string): string {
  return number.replace(/[^0-9]/g, "");
}

/** What the policy has to say about a call. */
function decide(call: Call, { prefixes }: Infer<typeof rule>): Decision {
  const number = digits(call.phoneNumber() ?? "");
  if (number === "") {
    throw Failure.invalidCall("no phone number");
  }
  const isRefused = prefixes.some((prefix) => number.startsWith(digits(prefix)));
  return isRefused ? Decision.failed().reason("a refused prefix") : Decision.noOpinion();
}

export const telephony = policy(decide, rule);
export const settings = checked(rule);
