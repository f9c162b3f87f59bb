/** A turn far from what is in view, as plain text: cheap, and there for a search in the page and a screen reader. */
import * as React from 'react';
import type { Part, Turn } from '../state/state';

export function StandIn({ turn }: { turn: Turn }): JSX.Element {
  return (
    <div className="mlc-far">
      {turn.question && (
        <article className="mlc-msg mlc-user" aria-label={turn.role === 'expert' ? 'Expert' : 'You'}>
          <div className="mlc-said">{turn.question}</div>
        </article>
      )}
      <article className="mlc-msg mlc-assistant mlc-plain" aria-label="Assistant" data-turn={turn.id} data-state={turn.state}>
        {turn.parts.map(part => (
          <div key={part.key} data-call={part.kind === 'tool' ? part.key : undefined}>
            {wordsOf(part)}
          </div>
        ))}
      </article>
    </div>
  );
}

function wordsOf(part: Part): string {
  switch (part.kind) {
    case 'tool':
      return part.tool;
    case 'form':
      return part.spec.title;
    case 'approval':
      return part.asked.tool;
    case 'thinking':
      return '';
    default:
      return part.text;
  }
}
