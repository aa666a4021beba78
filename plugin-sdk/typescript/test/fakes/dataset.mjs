// One dataset is granted, `denied`; it lists `example.org`.

function granted(dataset) {
  if (dataset !== "denied") {
    throw Object.assign(new Error("[object Object]"), { payload: { tag: "access-denied" } });
  }
}

export default {
  contains(dataset, value) {
    granted(dataset);
    return value === "example.org";
  },
  lookup(dataset, key) {
    granted(dataset);
    return key === "example.org" ? '{"tier":"gold"}' : null;
  },
};
