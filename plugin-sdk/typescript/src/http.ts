// HTTP: requests to services.
//
// The operator grants services origin by origin: scheme, host and port. The host bounds
// how many requests an evaluation makes and how large bodies are. Redirects are returned,
// never followed, and an answer of any status is an answer. Where there is none, `send`
// throws a failure; no text quotes the request or the answer.
//
// The policy's world includes `hookwarden:policy/outgoing-http@0.1.0` and imports
// `wasi:http/types@0.2.12`.

import handler from "wasi:http/outgoing-handler@0.2.12";
import types, {
  type FutureIncomingResponse,
  type IncomingResponse,
  type OutgoingBody,
} from "wasi:http/types@0.2.12";
import { Failure } from "./failure";
import type { Json } from "./json";
import { decode, encode } from "./utf8";

const CHUNK = 65_536;
const LARGEST_BODY = 1_048_576;

/** The method of a request. */
export type Method = "get" | "post" | "put" | "patch" | "delete";

/** A request: `new Request("get", "https://crm.example.com/people").query("email", email)`. */
export class Request {
  readonly #method: Method;
  readonly #scheme: "HTTP" | "HTTPS";
  readonly #authority: string;
  #path: string;
  #query = "";
  #headers: [string, string][] = [];
  #body: Uint8Array | undefined;
  #timeout: number | undefined;

  /**
   * The URL is absolute, in ASCII and has neither a user nor a fragment; what a person
   * wrote comes in through `query` and `segment`. It throws a failure if the URL is none.
   */
  constructor(method: Method, url: string) {
    const found = /^(https?):\/\/((?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(url);
    const rest = `${found?.[3] ?? ""}${found?.[4] ?? ""}`;
    if (found === null || !/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/.test(rest)) {
      throw Failure.other("the URL must be `https://` or `http://`, a host, a path and a query");
    }
    this.#method = method;
    this.#scheme = found[1] === "https" ? "HTTPS" : "HTTP";
    this.#authority = found[2] ?? "";
    this.#path = found[3] ?? "/";
    this.#query = found[4] ?? "";
  }

  /** Adds a parameter to the query. Both are encoded. */
  query(name: string, value: string): this {
    this.#query += `${this.#query === "" ? "" : "&"}${escaped(name)}=${escaped(value)}`;
    return this;
  }

  /** Adds a segment to the path, encoded: what it says cannot lead to another path. */
  segment(segment: string): this {
    if (["", ".", ".."].includes(segment)) {
      throw Failure.other("a path segment means another path");
    }
    this.#path += `${this.#path.endsWith("/") ? "" : "/"}${escaped(segment)}`;
    return this;
  }

  /** Adds a header. Its value is visible ASCII, spaces and tabs. */
  header(name: string, value: string): this {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t -~]*$/.test(value)) {
      throw Failure.other("a header has a character that none may have");
    }
    this.#headers.push([name.toLowerCase(), value]);
    return this;
  }

  /** Adds `authorization` with a bearer token. */
  bearer(token: { reveal(): string }): this {
    return this.header("authorization", `Bearer ${token.reveal()}`);
  }

  /** Sends this text. */
  body(text: string): this {
    this.#body = encode(text);
    return this;
  }

  /** Sends a value as JSON, with its content type. */
  json(value: Json): this {
    return this.header("content-type", "application/json").body(JSON.stringify(value));
  }

  /**
   * How many milliseconds it may take to connect, until the answer begins, and from one
   * part of the answer to the next: each of them.
   */
  timeout(milliseconds: number): this {
    this.#timeout = milliseconds;
    return this;
  }

  /** Makes the request and waits for the whole answer. */
  send(): Response {
    const request = attempt(() => this.#outgoing());
    // Of a request without a body none is asked for: the host then sends none.
    const body = this.#body === undefined ? undefined : request.body();
    const pending = attempt(() => handler.handle(request, this.#options()));
    if (body !== undefined && this.#body !== undefined) {
      write(body, this.#body);
    }
    return received(pending);
  }

  #outgoing(): InstanceType<typeof types.OutgoingRequest> {
    const fields = new types.Fields();
    for (const [name, value] of this.#headers) {
      fields.append(name, encode(value));
    }
    if (this.#body !== undefined) {
      fields.append("content-length", encode(String(this.#body.length)));
    }
    const request = new types.OutgoingRequest(fields);
    request.setMethod({ tag: this.#method });
    request.setScheme({ tag: this.#scheme });
    request.setAuthority(this.#authority);
    request.setPathWithQuery(this.#query === "" ? this.#path : `${this.#path}?${this.#query}`);
    return request;
  }

  #options(): InstanceType<typeof types.RequestOptions> | null {
    if (this.#timeout === undefined) {
      return null;
    }
    const nanoseconds = Math.trunc(this.#timeout * 1_000_000);
    const options = new types.RequestOptions();
    options.setConnectTimeout(nanoseconds);
    options.setFirstByteTimeout(nanoseconds);
    options.setBetweenBytesTimeout(nanoseconds);
    return options;
  }
}

/** An answer, whole. */
export class Response {
  readonly #status: number;
  readonly #headers: [string, Uint8Array][];
  readonly #body: Uint8Array;

  constructor(status: number, headers: [string, Uint8Array][], body: Uint8Array) {
    this.#status = status;
    this.#headers = headers;
    this.#body = body;
  }

  /** The status, such as 200. */
  status(): number {
    return this.#status;
  }

  /** The first header of this name, in any case; `undefined` also if it is not text. */
  header(name: string): string | undefined {
    const found = this.#headers.find(([own]) => own.toLowerCase() === name.toLowerCase());
    return found && decode(found[1]);
  }

  /** The body as text. */
  text(): string {
    const text = decode(this.#body);
    if (text === undefined) {
      throw Failure.unavailable("the answer is not text");
    }
    return text;
  }

  /** The body, read as JSON. */
  json(): Json {
    try {
      return JSON.parse(this.text());
    } catch {
      throw Failure.unavailable("the answer is not JSON");
    }
  }
}

function received(pending: FutureIncomingResponse): Response {
  pending.subscribe().block();
  const answer = pending.get();
  if (answer === null || answer.tag === "err") {
    throw Failure.unavailable("the host did not say what became of the request");
  }
  if (answer.val.tag === "err") {
    throw Failure.unavailable(why(answer.val.val.tag));
  }
  const incoming = answer.val.val;
  return new Response(incoming.status(), incoming.headers().entries(), read(incoming));
}

/** Reads the body. What WASI calls a child is dropped before its parent. */
function read(incoming: IncomingResponse): Uint8Array {
  const body = incoming.consume();
  const stream = body.stream();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = next(stream);
    if (chunk === undefined) {
      break;
    }
    length += chunk.length;
    if (length > LARGEST_BODY) {
      throw Failure.unavailable("a body or a head is too large");
    }
    chunks.push(Uint8Array.from(chunk));
  }
  stream[Symbol.dispose]();
  body[Symbol.dispose]();
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** The next part of a body; `undefined` at its end. */
function next(stream: ReturnType<ReturnType<IncomingResponse["consume"]>["stream"]>): Uint8Array | undefined {
  try {
    return stream.blockingRead(CHUNK);
  } catch (error) {
    const { tag, val } = error as { tag?: string; val?: unknown };
    if (tag === "closed") {
      return undefined;
    }
    if (tag !== "last-operation-failed") {
      throw error;
    }
    const code = types.httpErrorCode(val);
    throw Failure.unavailable(code === null ? "the answer broke off" : why(code.tag));
  }
}

/** Sends a body. Whatever goes wrong, the answer tells. */
function write(body: OutgoingBody, bytes: Uint8Array): void {
  try {
    const stream = body.write();
    let rest = bytes;
    while (rest.length > 0) {
      const room = Math.min(Number(stream.checkWrite()), rest.length);
      if (room === 0) {
        stream.subscribe().block();
        continue;
      }
      stream.write(rest.slice(0, room));
      rest = rest.slice(room);
    }
    stream.blockingFlush();
    stream[Symbol.dispose]();
    types.OutgoingBody.finish(body, null);
  } catch (error) {
    if ((error as { tag?: string } | undefined)?.tag === undefined) {
      throw error;
    }
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const tag = (error as { tag?: string } | undefined)?.tag;
    throw tag === undefined ? error : Failure.unavailable(why(tag));
  }
}

/** What WASI's error codes are to a policy. */
function why(code: string): string {
  const lower = code.toLowerCase();
  switch (true) {
    case lower === "http-request-denied":
      return "the policy was not granted the service's origin";
    case lower === "destination-ip-prohibited":
      return "the service's address is one that the operator did not name";
    case lower.endsWith("-timeout"):
      return "the service did not answer in time";
    case lower.endsWith("-size") || lower === "http-request-uri-too-long":
      return "a body or a head is too large";
    case lower === "connection-limit-reached":
      return "the policy makes too many requests";
    default:
      return `the request failed: ${lower}`;
  }
}

function escaped(text: string): string {
  const rest = /[!'()*]/g;
  const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text.toWellFormed()).replace(rest, hex);
}
