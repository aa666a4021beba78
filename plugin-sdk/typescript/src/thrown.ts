// What an import of the host throws.

/** The case of the contract's error, and what it carries; neither if it is none. */
export function thrown(error: unknown): { tag?: string; val?: unknown } {
  const payload = (error as { payload?: { tag?: string; val?: unknown } } | undefined)?.payload;
  return typeof payload === "object" && payload !== null ? payload : {};
}
