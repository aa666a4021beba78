// What the host offers, as the engine presents the contract's interfaces: functions in
// an object that is the default export. `result` is a value or something thrown, and an
// absent `option` is `null`.

declare module "hookwarden:policy/log@0.1.0" {
  const log: {
    write(level: "debug" | "info" | "warn" | "error", message: string): void;
  };
  export default log;
}

declare module "hookwarden:policy/evaluation@0.1.0" {
  const evaluation: { hook(): string; remaining(): number };
  export default evaluation;
}

declare module "hookwarden:policy/secrets@0.1.0" {
  const secrets: { get(name: string): string | null };
  export default secrets;
}

declare module "hookwarden:policy/dataset@0.1.0" {
  const dataset: {
    contains(dataset: string, value: string): boolean;
    lookup(dataset: string, key: string): string | null;
  };
  export default dataset;
}

declare module "wasi:keyvalue/store@0.2.0-draft2" {
  export interface Bucket {
    get(key: string): Uint8Array | null;
    set(key: string, value: Uint8Array): void;
    delete(key: string): void;
    exists(key: string): boolean;
    listKeys(cursor: string | null): { keys: string[]; cursor: string | null };
  }
  const store: { open(identifier: string): Bucket };
  export default store;
}

declare module "wasi:keyvalue/atomics@0.2.0-draft2" {
  import type { Bucket } from "wasi:keyvalue/store@0.2.0-draft2";
  export interface Cas {
    current(): Uint8Array | null;
  }
  const atomics: {
    Cas: { new: (bucket: Bucket, key: string) => Cas };
    increment(bucket: Bucket, key: string, delta: number): number;
    swap(cas: Cas, value: Uint8Array): void;
  };
  export default atomics;
}

declare module "wasi:http/types@0.2.12" {
  export interface Fields {
    append(name: string, value: Uint8Array): void;
    entries(): [string, Uint8Array][];
  }
  export interface OutputStream {
    checkWrite(): number;
    write(contents: Uint8Array): void;
    blockingFlush(): void;
    subscribe(): { block(): void };
    [Symbol.dispose](): void;
  }
  export interface InputStream {
    blockingRead(length: number): Uint8Array;
    [Symbol.dispose](): void;
  }
  export interface OutgoingBody {
    write(): OutputStream;
  }
  export interface OutgoingRequest {
    body(): OutgoingBody;
    setMethod(method: { tag: string }): void;
    setScheme(scheme: { tag: string }): void;
    setAuthority(authority: string): void;
    setPathWithQuery(path: string): void;
  }
  export interface RequestOptions {
    setConnectTimeout(nanoseconds: number): void;
    setFirstByteTimeout(nanoseconds: number): void;
    setBetweenBytesTimeout(nanoseconds: number): void;
  }
  export interface IncomingBody {
    stream(): InputStream;
    [Symbol.dispose](): void;
  }
  export interface IncomingResponse {
    status(): number;
    headers(): Fields;
    consume(): IncomingBody;
  }
  type Answer = { tag: "ok"; val: IncomingResponse } | { tag: "err"; val: { tag: string; val?: unknown } };
  export interface FutureIncomingResponse {
    subscribe(): { block(): void };
    get(): { tag: "ok"; val: Answer } | { tag: "err" } | null;
  }
  const types: {
    Fields: new () => Fields;
    OutgoingRequest: new (headers: Fields) => OutgoingRequest;
    RequestOptions: new () => RequestOptions;
    OutgoingBody: { finish(body: OutgoingBody, trailers: null): void };
    httpErrorCode(error: unknown): { tag: string; val?: unknown } | null;
  };
  export default types;
}

declare module "wasi:http/outgoing-handler@0.2.12" {
  import type { FutureIncomingResponse, OutgoingRequest, RequestOptions } from "wasi:http/types@0.2.12";
  const handler: { handle(request: OutgoingRequest, options: RequestOptions | null): FutureIncomingResponse };
  export default handler;
}
