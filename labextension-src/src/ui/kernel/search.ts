/** Finding cards by words. */

/** Cards of a kind that are drawn at first; more on demand. */
export const PAGE = 40;

/** Those in which each of the words stands somewhere, whatever its case. */
export function matching<T>(all: readonly T[], words: string, texts: (one: T) => readonly string[]): readonly T[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) {
    return all;
  }
  return all.filter(one => {
    const told = texts(one).join('\n').toLowerCase();
    return wanted.every(word => told.includes(word));
  });
}

/** The variables that a card stands for: `models["rf"]` is in `models`. */
export function namesOf(card: { ref: string; names?: readonly string[] }): string[] {
  const roots = (card.names ?? [card.ref]).map(name => name.split(/[.[]/, 1)[0]);
  return [...new Set(roots)];
}
