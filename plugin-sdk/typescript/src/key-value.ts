// Key-value: small values that a policy keeps from one evaluation to the next.
//
// A policy has one bucket of its own, if the operator granted it, who bounds how many
// keys there are, how large they are and how long they are kept. What an operation
// reports is on disk. What does not succeed throws a failure.
//
// The policy's world imports `wasi:keyvalue/store@0.2.0-draft2` and
// `wasi:keyvalue/atomics@0.2.0-draft2`.

import atomics from "wasi:keyvalue/atomics@0.2.0-draft2";
import store, { type Bucket as HostBucket } from "wasi:keyvalue/store@0.2.0-draft2";
import { Failure } from "./failure";
import { thrown } from "./thrown";
import { decode, encode } from "./utf8";

/**
 * What became of a claim: nobody had claimed the key and now the owner has; the same owner
 * had claimed it before, because Okta repeats the call; another owner has it.
 */
export type Claim = "new" | "again" | "taken";

/** The policy's own values, by keys. A read sees every write before it. */
export class Bucket {
  readonly #bucket: HostBucket;

  private constructor(bucket: HostBucket) {
    this.#bucket = bucket;
  }

  /** Opens the bucket. */
  static open(): Bucket {
    return new Bucket(done(() => store.open("default")));
  }

  /** The value of a key; `undefined` if it is absent or not text. */
  get(key: string): string | undefined {
    return read(done(() => this.#bucket.get(key)));
  }

  /** Sets the value of a key, whatever it was. */
  set(key: string, value: string): void {
    done(() => this.#bucket.set(key, encode(value)));
  }

  /** Deletes a key. An absent one is no error. */
  delete(key: string): void {
    done(() => this.#bucket.delete(key));
  }

  /** Whether there is a value under a key. */
  exists(key: string): boolean {
    return done(() => this.#bucket.exists(key));
  }

  /**
   * Adds to the number of a key, atomically, and returns the sum. An absent key counts as
   * 0. The value is the number's decimal digits.
   */
  increment(key: string, by = 1): number {
    return Number(done(() => atomics.increment(this.#bucket, key, by)));
  }

  /**
   * Claims a key for an owner: of all owners that ever do, one has it. The owner stands
   * under the key until the key expires or is deleted.
   *
   * For the owner take the call's `eventId`, so that Okta's repetition of a call is told
   * from another call.
   */
  claim(key: string, owner: string): Claim {
    let cas = done(() => atomics.Cas.new(this.#bucket, key));
    for (;;) {
      const held = cas;
      const holder = done(() => held.current());
      if (holder !== null && holder !== undefined) {
        return read(holder) === owner ? "again" : "taken";
      }
      try {
        atomics.swap(held, encode(owner));
        return "new";
      } catch (error) {
        const lost = thrown(error);
        if (lost.tag !== "cas-failed") {
          throw lost.tag === "store-error" ? failure({ payload: lost.val }) : error;
        }
        cas = lost.val as typeof cas;
      }
    }
  }
}

function read(bytes: Uint8Array | null | undefined): string | undefined {
  return bytes === null || bytes === undefined ? undefined : decode(bytes);
}

function done<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw failure(error);
  }
}

function failure(error: unknown): unknown {
  const { tag, val } = thrown(error);
  switch (tag) {
    case "no-such-store":
      return Failure.other("the host has no such store");
    case "access-denied":
      return Failure.other("the policy was not granted a bucket");
    case "other": {
      const text = String(val ?? "");
      const isTemporary = text.startsWith("quota exceeded") || text.startsWith("unavailable");
      return isTemporary ? Failure.unavailable(text) : Failure.other(text);
    }
    default:
      return error;
  }
}
