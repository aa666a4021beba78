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
