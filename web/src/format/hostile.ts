/** Characters that could hide or turn text around, told apart from what can be shown as it is. */
export interface Piece {
  readonly text: string;
  /** The name of the character when `text` is a symbol that stands for it. */
  readonly hidden?: string;
}

const NAMED: Readonly<Record<number, string>> = {
  0x00ad: "soft hyphen", 0x061c: "Arabic letter mark", 0x200b: "zero-width space", 0x200c: "zero-width non-joiner",
  0x200e: "left-to-right mark", 0x200f: "right-to-left mark", 0x2028: "line separator", 0x2029: "paragraph separator",
  0x202a: "left-to-right embedding", 0x202b: "right-to-left embedding", 0x202c: "pop directional formatting",
  0x202d: "left-to-right override", 0x202e: "right-to-left override", 0x2060: "word joiner",
  0x2066: "left-to-right isolate", 0x2067: "right-to-left isolate", 0x2068: "first strong isolate",
  0x2069: "pop directional isolate", 0xfeff: "byte order mark",
};

// Tab and line feed are layout, not disguise.
const SUSPECT =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The text in pieces: what can be shown, and symbols for what cannot. Most texts are one piece. */
export function pieces(text: string): readonly Piece[] {
  if (!SUSPECT.test(text)) return [{ text }];
  const found: Piece[] = [];
  let plain = "";
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charAt(index);
    if (!isSuspect(text, index)) {
      plain += unit;
      continue;
    }
    if (plain) found.push({ text: plain });
    plain = "";
    found.push(symbol(text.charCodeAt(index)));
  }
  if (plain) found.push({ text: plain });
  return found;
}

/** The same as one string, for titles and labels. */
export function visible(text: string): string {
  return SUSPECT.test(text) ? pieces(text).map((piece) => piece.text).join("") : text;
}

function isSuspect(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit >= 0xd800 && unit <= 0xdbff) {
    const next = text.charCodeAt(index + 1);
    return !(next >= 0xdc00 && next <= 0xdfff);
  }
  if (unit >= 0xdc00 && unit <= 0xdfff) {
    const before = text.charCodeAt(index - 1);
    return !(before >= 0xd800 && before <= 0xdbff);
  }
  return SUSPECT.test(text.charAt(index));
}

function symbol(unit: number): Piece {
  const name = `U+${unit.toString(16).toUpperCase().padStart(4, "0")}`;
  if (unit < 0x20) return { text: String.fromCharCode(0x2400 + unit), hidden: `control character ${name}` };
  if (unit === 0x7f) return { text: "\u2421", hidden: "delete" };
  return { text: `⟨${name}⟩`, hidden: NAMED[unit] ?? name };
}
