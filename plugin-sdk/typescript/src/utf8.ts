// Text as bytes in UTF-8, which the engine has no encoder for.

/** The bytes of a text. */
export function encode(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) {
      bytes.push(code);
    } else if (code < 0x800) {
      bytes.push(0xc0 | (code >> 6), tail(code));
    } else if (code < 0x10000) {
      // Half of a pair is no character.
      const legal = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
      bytes.push(0xe0 | (legal >> 12), tail(legal >> 6), tail(legal));
    } else {
      bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
    }
  }
  return Uint8Array.from(bytes);
}

/** The text of bytes; `undefined` if they are not UTF-8. */
export function decode(bytes: Uint8Array): string | undefined {
  let escaped = "";
  for (const byte of bytes) {
    escaped += `%${byte.toString(16).padStart(2, "0")}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}
