/** The conversation, oldest first; keeps to its end until somebody scrolls up. */
import * as React from 'react';
import type { Draft } from '../wire/commands';
import type { Host } from '../host';
import { OutgoingMessage } from './OutgoingMessage';
import { hasEnded, type Outgoing, type Turn } from '../state/state';
import { StandIn } from './StandIn';
import { TurnView } from './TurnView';
import { type Sought, useFound } from './useFound';

/** The last turns are drawn at once; others when they come near to what is in view, and then stay. */
const LAST = 8;
const NEAR_TURNS_PX = 1000;
/** So many are there in the first picture of a conversation. */
const FIRST = 40;
/** What is above comes after the markdown and the tables of that picture. */
const REST_MS = 300;
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
  /** Where it stood, and how much there was, when that was last looked at. */
  const before = React.useRef({ top: 0, height: 0 });
  const whenNear = useNearness(log);

  const keepToEnd = (keep: boolean): void => {
    atEnd.current = keep;
    // At the end we hold the place, elsewhere the browser does: what both move would look like somebody's scrolling.
    log.current!.style.overflowAnchor = keep ? 'none' : 'auto';
  };

  React.useLayoutEffect(() => {
    keepToEnd(true);
    const box = log.current!;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) {
        box.scrollTop = box.scrollHeight;
      }
      before.current = { top: box.scrollTop, height: box.scrollHeight };
    });
    observer.observe(box);
    observer.observe(content.current!);
    return () => observer.disconnect();
  }, []);

  const saying = outgoing.length;
  React.useLayoutEffect(() => {
    if (saying) {
      // Who speaks wants to see the answer.
      keepToEnd(true);
    }
  }, [saying]);

  // A long past waits until its end is on the screen.
  const stands = useDrawn(turns[0]?.id);
  const drawn = stands || sought ? turns : turns.slice(-FIRST);

  useFound(log, turns, sought, () => keepToEnd(false));

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
        // Only upwards is away. A little of that may also come of text that has become shorter.
        const up = before.current.top - box.scrollTop;
        const left = up > 0 && (box.scrollHeight === before.current.height || up > box.clientHeight);
        keepToEnd(near || (atEnd.current && !left));
        before.current.top = box.scrollTop;
      }}
    >
      <div ref={content}>
        {!turns.length && !outgoing.length && <Welcome />}
        {drawn.map((turn, index) => (
          <Entry
            key={turn.id}
            turn={turn}
            due={index >= drawn.length - LAST || !hasEnded(turn) || turn.id === sought?.turn}
            whenNear={whenNear}
            host={host}
            send={send}
          />
        ))}
        {outgoing.map(one => (
          <OutgoingMessage key={one.command} outgoing={one} again={again} />
        ))}
      </div>
    </div>
  );
}

/** Calls back once when an element comes near to what is in view. Returns what ends the wait. */
type WhenNear = (element: Element, act: () => void) => () => void;

interface EntryProps extends Pick<Props, 'host' | 'send'> {
  turn: Turn;
  /** Is it to be drawn wherever it stands? */
  due: boolean;
  whenNear: WhenNear;
}

const Entry = React.memo(function Entry({ turn, due, whenNear, host, send }: EntryProps): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const [seen, setSeen] = React.useState(false);
  React.useEffect(() => (seen ? undefined : whenNear(place.current!, () => setSeen(true))), [seen, whenNear]);
  return (
    <div className="mlc-turn" ref={place}>
      {seen || due ? <TurnView turn={turn} host={host} send={send} /> : <StandIn turn={turn} />}
    </div>
  );
});

/** Has what begins with this been on the screen? */
function useDrawn(first: string | undefined): boolean {
  const [drawn, setDrawn] = React.useState<string>();
  React.useEffect(() => {
    let timer = 0;
    const frame = requestAnimationFrame(() => (timer = window.setTimeout(() => setDrawn(first), REST_MS)));
    return () => {
      cancelAnimationFrame(frame);
      window.clearTimeout(timer);
    };
  }, [first]);
  return drawn === first;
}

function useNearness(root: React.RefObject<Element>): WhenNear {
  const waiting = React.useRef(new Map<Element, () => void>());
  const observer = React.useRef<IntersectionObserver | null>(null);
  React.useEffect(() => () => observer.current?.disconnect(), []);
  return React.useCallback(
    (element, act) => {
      // Made by the first entry: its effects come before those of the log.
      observer.current ??= new IntersectionObserver(
        entries => {
          const near = entries.filter(entry => entry.isIntersecting);
          near.forEach(entry => waiting.current.get(entry.target)?.());
        },
        { root: root.current, rootMargin: `${NEAR_TURNS_PX}px 0px` }
      );
      waiting.current.set(element, act);
      observer.current.observe(element);
      return () => {
        waiting.current.delete(element);
        observer.current?.unobserve(element);
      };
    },
    [root]
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
