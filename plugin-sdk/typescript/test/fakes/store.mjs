// A bucket in memory.

export const values = new Map();

const bucket = {
  get: (key) => values.get(key) ?? null,
  set: (key, value) => void values.set(key, value),
  delete: (key) => void values.delete(key),
  exists: (key) => values.has(key),
};

export default { open: () => bucket };
