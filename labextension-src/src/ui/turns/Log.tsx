/** The conversation, oldest first; keeps to its end until somebody scrolls up. */
import * as React from 'react';
import type { Draft } from '../wire/commands';
import type { Host } from '../host';
import { OutgoingMessage } from './OutgoingMessage';
import type { Outgoing, Turn } from '../state/state';
import { TurnView } from './TurnView';
import { type Sought, useFound } from './useFound';

/** Turns that are drawn at first; older ones on demand. */
const PAGE = 30;
/** This near to the end is at the end. */
const NEAR_PX = 40;

interface Props {
  turns: readonly Turn[];
  outgoing: readonly Outgoing[];
  host: Host;
  send: (draft: Draft) => void;
  again: (command: string) => void;
  /** The turn that somebody looked for. */
  sought?: Sought | null;
}

export function Log({ turns, outgoing, host, send, again, sought = null }: Props): JSX.Element {
  const log = React.useRef<HTMLDivElement>(null);
  const content = React.useRef<HTMLDivElement>(null);
  const atEnd = React.useRef(true);
  const top = React.useRef(0);
  const [shown, setShown] = React.useState(PAGE);

  React.useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      if (atEnd.current && log.current) {
        log.current.scrollTop = log.current.scrollHeight;
      }
    });
    observer.observe(log.current!);
    observer.observe(content.current!);
    return () => observer.disconnect();
  }, []);

  const saying = outgoing.length;
  React.useLayoutEffect(() => {
    if (saying) {
      // Who speaks wants to see the answer.
      atEnd.current = true;
    }
  }, [saying]);

  useFound(log, turns, sought, fromEnd => {
    atEnd.current = false;
    setShown(before => Math.max(before, fromEnd));
  });

  const hidden = Math.max(0, turns.length - shown);
  return (
    <div
      className="mlc-log"
      role="log"
      aria-label="Conversation"
      aria-live="off"
      tabIndex={0}
      ref={log}
      onScroll={event => {
        const box = event.currentTarget;
        const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
        // Only upwards is away: the text may have grown since we went to its end.
        atEnd.current = near || (atEnd.current && box.scrollTop >= top.current);
        top.current = box.scrollTop;
      }}
    >
      <div ref={content}>
        {hidden > 0 && (
          <button type="button" className="mlc-mini" onClick={() => setShown(shown + PAGE)}>
            Show earlier messages ({hidden})
          </button>
        )}
        {!turns.length && !outgoing.length && <Welcome />}
        {turns.slice(hidden).map(turn => (
          <TurnView key={turn.id} turn={turn} host={host} send={send} />
        ))}
        {outgoing.map(one => (
          <OutgoingMessage key={one.command} outgoing={one} again={again} />
        ))}
      </div>
    </div>
  );
}

function Welcome(): JSX.Element {
  return (
    <div className="mlc-welcome">
      <p>Ask about the fitted models and dataframes of your notebook, as they are in its kernel now.</p>
      <ul>
        <li>which models are there?</li>
        <li>what does pipe need?</li>
        <li>predict with pipe</li>
        <li>help</li>
      </ul>
    </div>
  );
}
