/**
 * Markdown that is still growing. Blocks that are complete are drawn once, for good; only the rest is drawn again,
 * at most every 80 ms, off-screen, then swapped in.
 */
import { addCodeBars } from './codebars';
import type { Host } from './host';

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

  show(text: string, final: boolean): void {
    this.wanted = { text, final };
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
    const { text, final } = wanted;
    this.busy = true;
    this.drawnAt = performance.now();
    const anew = !text.startsWith(this.done) || (final && DEFINITION.test(text));
    const from = anew ? 0 : this.done.length;
    const to = final ? text.length : completeTo(text, from);
    const blocks = to > from ? await this.drawn(text.slice(from, to), true) : null;
    const rest = text.length > to ? await this.drawn(text.slice(to), false) : null;
    this.busy = false;
    if (this.stopped) {
      return;
    }
    if (anew) {
      this.place.replaceChildren();
    }
    this.rest?.remove();
    this.rest = rest;
    this.place.append(...[blocks, rest].filter(node => node !== null));
    this.done = text.slice(0, to);
    if (this.wanted !== wanted) {
      this.show(this.wanted.text, this.wanted.final);
    }
  }

  private async drawn(text: string, final: boolean): Promise<HTMLElement> {
    const target = document.createElement('div');
    try {
      await this.host.renderMarkdown(target, text, final);
    } catch {
      target.textContent = text;
    }
    if (final) {
      addCodeBars(target, this.host);
    }
    return target;
  }

  private wanted = { text: '', final: false };
  /** What is drawn for good. */
  private done = '';
  private rest: HTMLElement | null = null;
  private drawnAt = -REDRAW_MS;
  private busy = false;
  private stopped = false;
  private timer = 0;
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
