// Datasets: lists and tables that somebody else edits, such as of domains.
//
// Settings name a dataset, and the operator grants the policy the dataset of that name
// and says how values are matched: by equality, regardless of case, by domain, by
// network. In settings written in TOML that is `domains = { dataset = "denied-domains" }`,
// and in the policy `object({ domains: dataset.named() })`.
//
// The policy's world imports `hookwarden:policy/dataset@0.1.0`.

import host from "hookwarden:policy/dataset@0.1.0";
import { Failure } from "./failure";
import type { Json } from "./json";
import { named as namedBy } from "./named";
import type { Schema } from "./settings";
import { thrown } from "./thrown";

/**
 * Whether a value is in a dataset. What counts as being in it belongs to the dataset:
 * the operator says so. It throws a failure if the dataset cannot be asked.
 */
export function contains(dataset: string, value: string): boolean {
  return asked(() => host.contains(dataset, value));
}

/**
 * The record under a key of a table; `undefined` if there is none. Where several match,
 * the longest does. It throws a failure if the dataset cannot be asked.
 */
export function lookup(dataset: string, key: string): Json | undefined {
  const record = asked(() => host.lookup(dataset, key));
  return record === null || record === undefined ? undefined : JSON.parse(record);
}

/** A dataset that settings name. */
export class Named {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** As the function `contains`. */
  contains(value: string): boolean {
    return contains(this.name, value);
  }

  /** As the function `lookup`. */
  lookup(key: string): Json | undefined {
    return lookup(this.name, key);
  }
}

/** A setting that names a dataset: `{ dataset = "denied-domains" }`, and nothing else. */
export function named(): Schema<Named> {
  return namedBy("dataset", (name) => new Named(name));
}

function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    const { tag, val } = thrown(error);
    switch (tag) {
      case "access-denied":
        throw Failure.other("the policy was not granted the dataset");
      case "unavailable":
        throw Failure.unavailable("the dataset has never been read");
      case "not-supported":
        throw Failure.other("the dataset is a list, which has no records to look up");
      case "other":
        throw Failure.other(String(val ?? "the dataset cannot be asked"));
      default:
        throw error;
    }
  }
}
