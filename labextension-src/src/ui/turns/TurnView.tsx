/** One turn: what was asked, and what came of it. */
import * as React from 'react';
import { Checked, Thumbs } from './Checked';
import type { Draft } from '../wire/commands';
import { FaultLine } from './FaultLine';
import type { Host } from '../host';
import { PartView } from './parts';
import { hasEnded, isRunning, type Step, type Turn } from '../state/state';
import { duration, unmarked } from '../text/words';

interface Props {
  turn: Turn;
  host: Host;
  send: (draft: Draft) => void;
}

const STEPS: { readonly [name: string]: string } = {
  reading: 'Reading the question',
  retry: 'Trying again',
  parameters: 'Checking the arguments',
  tool: 'Running',
  waiting: 'Waiting',
  checking: 'Checking the answer',
  wording: 'Writing'
};

export const TurnView = React.memo(function TurnView({ turn, host, send }: Props): JSX.Element {
  const running = isRunning(turn);
  return (
    <>
      {turn.question && (
        <article className="mlc-msg mlc-user" aria-label={turn.role === 'expert' ? 'Expert' : 'You'}>
          <div className="mlc-said">{turn.question}</div>
        </article>
      )}
      <article
        className="mlc-msg mlc-assistant"
        aria-label="Assistant"
        aria-busy={running}
        data-turn={turn.id}
        data-state={turn.state}
      >
        {turn.parts.map(part => (
          <PartView key={part.key} part={part} turn={turn} host={host} send={send} />
        ))}
        {running && <p className="mlc-now">{now(turn)}</p>}
        {turn.fault && <FaultLine fault={turn.fault} />}
        <Checked turn={turn} host={host} send={send} />
        <End turn={turn} send={send} />
      </article>
    </>
  );
});

function now(turn: Turn): string {
  if (turn.state === 'queued') {
    return turn.position > 1 ? `In line, ${turn.position - 1} before it…` : 'In line…';
  }
  if (turn.state === 'waiting') {
    const what = turn.waitsFor === 'person' ? 'Waiting for a person' : 'Waiting for the running cell';
    return `${unmarked(turn.detail) || what}…`;
  }
  const step = turn.steps[turn.steps.length - 1];
  return `${step ? worded(step) : 'Starting'}…`;
}

function worded(step: Step): string {
  return [STEPS[step.name] ?? step.name, unmarked(step.detail)].filter(Boolean).join(': ');
}

function End({ turn, send }: { turn: Turn; send: (draft: Draft) => void }): JSX.Element | null {
  if (!hasEnded(turn) || !turn.question) {
    return null;
  }
  const retryable = turn.state !== 'completed';
  return (
    <footer className="mlc-end">
      {turn.state === 'cancelled' && <span>Stopped.</span>}
      {turn.state === 'abandoned' && <span>The server was stopped meanwhile.</span>}
      {turn.answeredBy && <span>answered by {unmarked(turn.answeredBy)}</span>}
      {turn.cost !== null && <span>${turn.cost.toFixed(4)}</span>}
      {turn.unverified.length > 0 && <span>not from your kernel: {turn.unverified.join(', ')}</span>}
      {!retryable && <Thumbs turn={turn} send={send} />}
      {retryable && (
        <button type="button" className="mlc-mini" onClick={() => send({ type: 'turn.retry', turn: turn.id })}>
          Try again
        </button>
      )}
      {turn.steps.length > 0 && <Trail steps={turn.steps} />}
    </footer>
  );
}

function Trail({ steps }: { steps: readonly Step[] }): JSX.Element {
  const total = steps.reduce((sum, step) => sum + (step.elapsedMs ?? 0), 0);
  return (
    <details className="mlc-trail">
      <summary>
        {steps.length} {steps.length === 1 ? 'step' : 'steps'}, {duration(total)}
      </summary>
      <ol>
        {steps.map(step => (
          <li key={step.key} data-ok={step.ok}>
            {worded(step)} <span className="mlc-muted">{duration(step.elapsedMs ?? 0)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
