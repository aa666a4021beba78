import { values } from "./store.mjs";

const failure = (payload) => Object.assign(new Error("[object Object]"), { payload });
const text = (key) => new TextDecoder().decode(values.get(key) ?? new Uint8Array());

/** What happens just before the next swap. */
export const meanwhile = { run: undefined };

const Cas = {
  new: (bucket, key) => {
    const current = bucket.get(key);
    return { key, bucket, current: () => current };
  },
};

export default {
  Cas,
  increment(bucket, key, delta) {
    const sum = Number(text(key)) + delta;
    if (Number.isNaN(sum)) {
      throw failure({ tag: "other", val: "no number" });
    }
    bucket.set(key, new TextEncoder().encode(String(sum)));
    return sum;
  },
  swap(cas, value) {
    meanwhile.run?.();
    meanwhile.run = undefined;
    if (cas.bucket.get(cas.key) !== cas.current()) {
      throw failure({ tag: "cas-failed", val: Cas.new(cas.bucket, cas.key) });
    }
    cas.bucket.set(cas.key, value);
  },
};
