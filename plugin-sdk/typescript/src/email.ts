// E-mail addresses and domains.
//
// A rule about a domain must compare the domain, and nothing else:
// `address.includes("example.com")` admits `a@example.com.evil.org`, and
// `address.endsWith("example.com")` admits `a@notexample.com`. Parsing follows RFC
// 5322 and knows quoted local parts such as `"x@example.com"@evil.org`; the results
// are those of the SDK for Rust.

const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 254;
const LONGEST_LABEL = 63;

// What nearly all addresses and domains are: one look at each is enough, and each look
// costs as much as the rest of a decision.
const SHORT = 64;
const USUAL_ADDRESS =
  /^[\w+-]+(?:\.[\w+-]+)*@(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*\.)+[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*$/;
const USUAL_DOMAIN = /^[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*$/;

const ATOM = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+$/;
const WIDE_ATOM = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\p{Alphabetic}\p{N}]+$/u;
const EDGES = /^[\p{Alphabetic}\p{N}](.*[\p{Alphabetic}\p{N}])?$/su;
const QUOTED = /^(?:[\t !\x23-\x5B\x5D-\x7E]|\\[\x21-\x7E])+$/;
const LABEL = /^[A-Za-z0-9-]+$/;
const WIDE_LABEL = /^[A-Za-z0-9\-\u{80}-\u{10FFFF}]+$/u;
const ASCII = /^[\0-\x7F]*$/;

/**
 * The domain of an e-mail address in the form that domains are compared in;
 * `undefined` if the text is not one address.
 *
 * The form is that of `normalizeDomain`. Addresses with a display name (`Rosario
 * <r@example.com>`), with a domain literal (`r@[192.0.2.1]`) and with a domain of one
 * label (`r@localhost`) are no addresses a person can register with: `undefined`.
 */
export function domain(address: string): string | undefined {
  if (address.length <= SHORT && USUAL_ADDRESS.test(address)) {
    return address.slice(address.indexOf("@") + 1).toLowerCase();
  }
  const separator = address.lastIndexOf("@");
  const local = address.slice(0, Math.max(separator, 0));
  const after = address.slice(separator + 1);
  // ` <` begins an address after a display name, also where quotes are around it.
  if (separator < 0 || address.includes(" <") || !isLocalPart(local) || !isMailDomain(after)) {
    return undefined;
  }
  return normalizeDomain(after);
}

/**
 * A domain in the form that domains are compared in; `undefined` if it is none.
 *
 * That is ASCII in lower case, and a domain in any other script stays as it is
 * written. So look-alikes from other alphabets never equal an ASCII domain, but
 * `bücher.example` does not equal its own `xn--bcher-kva.example`.
 */
export function normalizeDomain(domain: string): string | undefined {
  if (USUAL_DOMAIN.test(domain)) {
    return domain.toLowerCase();
  }
  const lower = lowerAscii(domain);
  const isLabel = (label: string): boolean =>
    (LABEL.test(label) || WIDE_LABEL.test(label)) && !label.startsWith("-") && !label.endsWith("-");
  return lower.split(".").every(isLabel) ? lower : undefined;
}

/** Whether two domains are the same one. What is no domain is never the same. */
export function isSameDomain(one: string, other: string): boolean {
  // The form has the length of what it is the form of.
  if (one.length !== other.length) {
    return false;
  }
  const normal = normalizeDomain(one);
  return normal !== undefined && (one === other || normal === normalizeDomain(other));
}

function isLocalPart(local: string): boolean {
  if (local === "" || bytes(local) > LONGEST_LOCAL_PART) {
    return false;
  }
  if (local.startsWith('"') && local.endsWith('"')) {
    return QUOTED.test(local.slice(1, -1));
  }
  return local.split(".").every(isAtom);
}

function isMailDomain(domain: string): boolean {
  if (bytes(domain) > LONGEST_DOMAIN) {
    return false;
  }
  const labels = domain.split(".");
  const isLabel = (label: string): boolean =>
    bytes(label) <= LONGEST_LABEL && isAtom(label) && EDGES.test(label);
  return labels.length > 1 && labels.every(isLabel);
}

function isAtom(text: string): boolean {
  return ATOM.test(text) || WIDE_ATOM.test(text);
}

function lowerAscii(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The length in UTF-8. */
function bytes(text: string): number {
  if (ASCII.test(text)) {
    return text.length;
  }
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
