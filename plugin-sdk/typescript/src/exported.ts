// From a handler to the export of a component.

import host from "hookwarden:policy/log@0.1.0";
import type { WireDecision } from "./decision";
import { Failure } from "./failure";
import { read, type Schema } from "./settings";

/** An export of one inline hook. */
export interface Exported {
  decide(call: string, settings: string): WireDecision;
}

/** A hook: how a call is read, and how a decision about it is written. */
export interface Hook<C, D> {
  read(json: string): C;
  isDecision(value: unknown): boolean;
  write(decision: D, call: C): WireDecision;
}

/** The export of a handler. */
export function exported<C, D, S>(
  hook: Hook<C, D>,
  decide: (call: C, settings: S) => D,
  rule: Schema<S> | undefined,
): Exported {
  return {
    decide(json, text) {
      return reported(() => {
        const call = hook.read(json);
        const settings = rule === undefined ? undefined : read(rule, text);
        if (rule !== undefined && settings === undefined) {
          throw Failure.other("the settings are not those that were checked");
        }
        const decision = decide(call, settings as S);
        if (!hook.isDecision(decision)) {
          throw Failure.other("`decide` returned no decision");
        }
        return hook.write(decision, call);
      });
    },
  };
}

/**
 * Does something, and turns what it throws into a failure in the contract's type. Of an
 * error that nobody expected its type and place are told, and not its message, which may
 * quote the call.
 */
export function reported<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Failure) {
      throw error.toWire();
    }
    const text = describe(error);
    host.write("error", text);
    throw { tag: "other", val: text };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return "something that is no error was thrown";
  }
  const name = /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : "Error";
  const place = position(error.stack ?? "");
  return place === undefined ? name : `${name} at ${place}`;
}

/** Where the author's own line is in a stack, or the first line if none is. */
function position(stack: string): string | undefined {
  const frames = stack.split("\n").flatMap((frame) => {
    const found = /([^\s(/]+):(\d+):\d+\)?$/.exec(frame);
    return found === null ? [] : [{ file: found[1], line: Number(found[2]) }];
  });
  for (const { line } of frames) {
    const source = sourceOf(line);
    if (source !== undefined) {
      return source;
    }
  }
  return frames[0] === undefined ? undefined : `${frames[0].file}:${frames[0].line}`;
}

/** The author's line that a line of the bundle was made from. `lines.mjs` adds them. */
function sourceOf(line: number): string | undefined {
  const lines = (globalThis as { hookwardenLines?: string }).hookwardenLines ?? "";
  return new RegExp(`(?:^|;)${line}=([^;]+)`).exec(lines)?.[1];
}

// A fresh instance begins where the build left off, so that these numbers would be the
// same in each call.
Math.random = () => {
  throw new Error("Math.random would give the same numbers in each call");
};
