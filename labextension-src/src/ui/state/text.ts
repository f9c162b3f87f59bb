/** Text that arrives in pieces, each with its offset. Offsets count code points, as Python does. */

export interface Text {
  text: string;
  /** In code points. */
  length: number;
}

export function whole(text: string): Text {
  return { text, length: codePoints(text) };
}

/** Put a piece at its offset; what stood there and after it goes. A piece after a gap is left out. */
export function place(before: Text, offset: number, piece: string): Text {
  if (offset > before.length) {
    return before;
  }
  const length = codePoints(piece);
  const kept = offset === before.length ? before.text : before.text.slice(0, units(before, offset));
  return { text: kept + piece, length: offset + length };
}

function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) {
    // The second half of a pair does not count.
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length) {
      count--;
      at++;
    }
  }
  return count;
}

/** How many UTF-16 units the first `offset` code points take. */
function units(before: Text, offset: number): number {
  return before.length === before.text.length ? offset : Array.from(before.text).slice(0, offset).join('').length;
}
