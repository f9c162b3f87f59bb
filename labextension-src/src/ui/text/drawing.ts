/**
 * Markdown that is still growing. Blocks that are complete are drawn once, for good; only the rest is drawn again,
 * at most every 80 ms, off-screen, then swapped in.
 */
import type { Mark } from '../../protocol.gen';
import { addCodeBars } from './codebars';
import type { Host } from '../host';
import { dress, fence, type Span, spansOf } from './marks';

const REDRAW_MS = 80;
/** Links that are defined somewhere below the place they are used: only the whole text has them. */
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;
/** A line that begins a block of its own, whatever stood before the empty line above it. */
const FRESH = /^(?:#{1,6} |```|~~~|\*\*|[\p{L}("'$`[])/u;

export class Drawing {
  constructor(
    private readonly place: HTMLElement,
    private readonly host: Host
  ) {}

  show(text: string, marks: readonly Mark[], final: boolean): void {
    this.wanted = { text, marks, final };
    if (!this.busy) {
      window.clearTimeout(this.timer);
      const wait = final ? 0 : this.drawnAt + REDRAW_MS - performance.now();
      if (wait <= 0) {
        void this.draw();
      } else {
        this.timer = window.setTimeout(() => void this.draw(), wait);
      }
    }
  }

  stop(): void {
    this.stopped = true;
    window.clearTimeout(this.timer);
  }

  private async draw(): Promise<void> {
    const wanted = this.wanted;
    const { text, marks, final } = wanted;
    const spans = spansOf(text, marks);
    this.busy = true;
    this.drawnAt = performance.now();
    const dressed = spans.filter(span => span.end <= this.done.length).length;
    const anew = !text.startsWith(this.done) || dressed !== this.dressed || (final && DEFINITION.test(text));
    const from = anew ? 0 : this.done.length;
    const to = final ? text.length : completeTo(text, from);
    const blocks = to > from ? await this.drawn(text, spans, from, to, true) : null;
    const rest = text.length > to ? await this.drawn(text, spans, to, text.length, false) : null;
    this.busy = false;
    if (this.stopped) {
      return;
    }
    const refocus = holdFocus(this.place);
    if (anew) {
      this.place.replaceChildren();
    }
    this.rest?.remove();
    this.rest = rest;
    this.place.append(...[blocks, rest].filter(node => node !== null));
    refocus();
    this.done = text.slice(0, to);
    this.dressed = spans.filter(span => span.end <= to).length;
    if (this.wanted !== wanted) {
      this.show(this.wanted.text, this.wanted.marks, this.wanted.final);
    }
  }

  private async drawn(
    text: string,
    spans: readonly Span[],
    from: number,
    to: number,
    final: boolean
  ): Promise<HTMLElement> {
    const target = document.createElement('div');
    const inside = spans.filter(span => span.start >= from && span.end <= to);
    try {
      await this.host.renderMarkdown(target, fence(text, inside, from, to), final);
      dress(target, inside);
    } catch {
      target.textContent = text.slice(from, to);
    }
    if (final) {
      addCodeBars(target, this.host);
    }
    return target;
  }

  private wanted: { text: string; marks: readonly Mark[]; final: boolean } = { text: '', marks: [], final: false };
  /** What is drawn for good. */
  private done = '';
  /** How many marks are in that. */
  private dressed = 0;
  private rest: HTMLElement | null = null;
  private drawnAt = -REDRAW_MS;
  private busy = false;
  private stopped = false;
  private timer = 0;
}

/** What has the focus in `place` is drawn again: call what this returns, and its like has it then. */
function holdFocus(place: HTMLElement): () => void {
  const held = place.querySelector<HTMLElement>(':focus');
  if (!held) {
    return () => undefined;
  }
  const alike = (): HTMLElement[] =>
    [...place.querySelectorAll<HTMLElement>(held.tagName)].filter(one => one.textContent === held.textContent);
  const at = alike().indexOf(held);
  return () => !held.isConnected && alike()[at]?.focus({ preventScroll: true });
}

/** Up to where, from the beginning of a block at `from`, blocks are complete whatever follows. */
export function completeTo(text: string, from: number): number {
  let complete = from;
  let fence = '';
  let inMath = false;
  let afterEmpty = false;
  let at = from;
  // The last line may still grow; what it has so far can begin a block all the same.
  for (const line of text.slice(from).split('\n')) {
    if (!fence && !inMath && afterEmpty && FRESH.test(line)) {
      complete = at;
    }
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence) {
      fence = mark?.startsWith(fence) && line.trim() === mark ? '' : fence;
    } else if (mark) {
      fence = mark;
    } else if ((line.match(/\$\$/g) ?? []).length % 2) {
      inMath = !inMath;
    }
    afterEmpty = line.trim() === '';
    at += line.length + 1;
  }
  return complete;
}
