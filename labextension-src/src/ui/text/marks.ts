/**
 * Marks on numbers and names. They are carried through the markdown by two letters that no alphabet has, and become
 * elements only when everything has been cleaned: nothing of a text is ever made HTML by this.
 */
import type { Mark } from '../../protocol.gen';

export interface Span {
  /** In UTF-16 units. */
  start: number;
  end: number;
  /** The call it comes from; empty for none. */
  call: string;
}

const OPEN = '\uE0F0';
const CLOSE = '\uE0F1';
const LETTERS = /[\uE0F0\uE0F1]/g;
export const NO_SOURCE = 'not from your kernel';

/** Marks in UTF-16 units, in the order of the text, without those that overlap or lie outside of it. */
export function spansOf(text: string, marks: readonly Mark[]): Span[] {
  const at = offsets(text);
  const drawn = formulas(text);
  const inMath = (place: number): boolean => drawn.some(({ start, end }) => start <= place && place < end);
  const spans: Span[] = [];
  for (const mark of [...marks].sort((a, b) => a.start - b.start)) {
    const [start, end] = [at(mark.start), at(mark.end)];
    if (start < end && end <= text.length && start >= (spans[spans.length - 1]?.end ?? 0) && !inMath(start)) {
      spans.push({ start, end, call: mark.call ?? '' });
    }
  }
  return spans;
}

/** `text` from `from` to `to` with letters around the spans, which lie in it. */
export function fence(text: string, spans: readonly Span[], from: number, to: number): string {
  const clean = (part: string): string => part.replace(LETTERS, ' ');
  let fenced = '';
  let at = from;
  for (const { start, end } of spans) {
    fenced += clean(text.slice(at, start)) + OPEN + clean(text.slice(start, end)) + CLOSE;
    at = end;
  }
  return fenced + clean(text.slice(at, to));
}

/** Turn what stands between the letters, in what was drawn, into marks, in order; the letters go. */
export function dress(drawn: HTMLElement, spans: readonly Span[]): void {
  const walker = document.createTreeWalker(drawn, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    texts.push(walker.currentNode as Text);
  }
  let next = 0;
  for (const node of texts) {
    const parts = node.data.split(LETTERS);
    if (parts.length === 1) {
      continue;
    }
    const opens = node.data.match(LETTERS) ?? [];
    const made = document.createDocumentFragment();
    parts.forEach((part, index) => {
      const span = opens[index - 1] === OPEN ? spans[next++] : undefined;
      if (part) {
        made.append(span ? marked(part, span) : part);
      }
    });
    node.replaceWith(made);
  }
  // What an attribute has caught of them.
  drawn.querySelectorAll('*').forEach(element => {
    for (const { name, value } of Array.from(element.attributes)) {
      if (/[\uE0F0\uE0F1]|%EE%83%B[01]/i.test(value)) {
        element.setAttribute(name, value.replace(/[\uE0F0\uE0F1]|%EE%83%B[01]/gi, ''));
      }
    }
  });
}

function marked(text: string, { call }: Span): HTMLElement {
  const element = document.createElement(call ? 'button' : 'mark');
  element.textContent = text;
  if (call) {
    element.className = 'mlc-bound';
    (element as HTMLButtonElement).type = 'button';
    element.title = 'Show where this comes from';
    element.dataset.of = call;
    element.setAttribute('aria-haspopup', 'dialog');
  } else {
    element.className = 'mlc-unbound';
    element.title = NO_SOURCE;
    element.setAttribute('aria-description', NO_SOURCE);
  }
  return element;
}

/** Where there is mathematics, which is drawn by others: `$x$` in a line, `$$x$$` also over several. */
function formulas(text: string): { start: number; end: number }[] {
  const found = text.matchAll(/(?<!\\)\$\$[\s\S]*?\$\$|(?<![\\$])\$[^$\n]+\$/g);
  return Array.from(found, match => ({ start: match.index, end: match.index + match[0].length }));
}

/** From code points, as the service counts, to UTF-16 units. */
function offsets(text: string): (point: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) {
    return point => point;
  }
  const at: number[] = [];
  let unit = 0;
  for (const letter of text) {
    at.push(unit);
    unit += letter.length;
  }
  return point => at[point] ?? unit;
}
