/** One's own questions again: up in an empty text, then up and down while it is one of them unchanged. */
export function recalled(asked: () => readonly string[], text: string, key: string): string | null {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') {
    return null;
  }
  const known = [...new Set([...asked()].reverse())];
  const at = text === '' ? -1 : known.indexOf(text);
  if (text !== '' && at < 0) {
    return null;
  }
  const to = at + (key === 'ArrowUp' ? 1 : -1);
  return to < -1 || to >= known.length ? null : (known[to] ?? '');
}
