/** Tells a screen reader what has come to rest, and nothing while it is still being written. */
import * as React from 'react';
import { isRunning, type Turn } from '../state/state';
import { unmarked } from '../text/words';

const LONGEST = 600;

export function Announcer({ conversation, turns }: { conversation: string | null; turns: readonly Turn[] }): JSX.Element {
  const [said, setSaid] = React.useState('');
  const running = React.useRef(new Set<string>());
  React.useEffect(() => {
    running.current.clear();
    setSaid('');
  }, [conversation]);
  React.useEffect(() => {
    for (const turn of turns) {
      if (isRunning(turn)) {
        running.current.add(turn.id);
      } else if (running.current.delete(turn.id)) {
        setSaid(words(turn));
      }
    }
  }, [turns]);
  return (
    <div className="mlc-announcer" aria-live="polite" aria-atomic="true">
      {said}
    </div>
  );
}

function words(turn: Turn): string {
  const last = turn.parts[turn.parts.length - 1];
  if (turn.state === 'waiting' && last?.kind === 'form') {
    return `A form waits for you: ${last.spec.title}`;
  }
  if (turn.state === 'waiting' && last?.kind === 'approval') {
    return `Approval needed: ${last.asked.tool}`;
  }
  if (turn.fault) {
    return unmarked(turn.fault.message);
  }
  if (turn.state === 'cancelled') {
    return 'Stopped.';
  }
  const text = turn.parts.map(part => (part.kind === 'text' || part.kind === 'person' ? part.text : '')).join('\n');
  return unmarked(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
