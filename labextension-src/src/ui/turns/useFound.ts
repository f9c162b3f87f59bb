/** A turn that was looked for: brought into view, marked, and given the focus, once it is there. */
import * as React from 'react';
import type { Turn } from '../state/state';

export interface Sought {
  turn: string;
}

/** `reach` is called before. */
export function useFound(
  log: React.RefObject<HTMLElement>,
  turns: readonly Turn[],
  sought: Sought | null,
  reach: () => void
): void {
  const at = sought ? turns.findIndex(turn => turn.id === sought.turn) : -1;
  const there = at >= 0;
  React.useLayoutEffect(() => {
    if (there) {
      reach();
    }
    // `turns` grows while it is shown; where it was found does not matter then.
  }, [sought, there]);
  React.useEffect(() => {
    if (!sought || !there || !log.current) {
      return undefined;
    }
    const marked: HTMLElement[] = [];
    // By then it is drawn.
    const frame = window.requestAnimationFrame(() => {
      const answer = log.current?.querySelector<HTMLElement>(`[data-turn="${CSS.escape(sought.turn)}"]`);
      const question = answer?.previousElementSibling?.matches('.mlc-user') ? answer.previousElementSibling : null;
      marked.push(...[question, answer].filter((one): one is HTMLElement => one instanceof HTMLElement));
      marked.forEach(one => one.setAttribute('data-found', ''));
      marked[0]?.scrollIntoView({ block: 'start' });
      if (answer) {
        answer.tabIndex = -1;
        answer.focus({ preventScroll: true });
      }
    });
    return () => {
      window.cancelAnimationFrame(frame);
      marked.forEach(one => one.removeAttribute('data-found'));
    };
  }, [sought, there]);
}
