/** What a turn does, and has done, with the time of each step. It ticks while a step lasts. */
import * as React from 'react';
import { useApp } from '../app';
import { hasEnded, type Step, type Turn } from '../state/state';
import { LineContext } from './line';
import { type Trans, useTrans } from '../trans';
import { duration, unmarked } from '../text/words';

const NAMES: { readonly [name: string]: (trans: Trans) => string } = {
  reading: trans => trans.__('Reading the question'),
  retry: trans => trans.__('Trying again'),
  parameters: trans => trans.__('Checking the arguments'),
  tool: trans => trans.__('Running'),
  waiting: trans => trans.__('Waiting'),
  checking: trans => trans.__('Checking the answer'),
  wording: trans => trans.__('Writing')
};

const SECOND_MS = 1000;

/** What happens at this moment; the steps before it unfold. */
export function Now({ turn }: { turn: Turn }): JSX.Element {
  const trans = useTrans();
  const line = React.useContext(LineContext);
  const step = turn.steps[turn.steps.length - 1];
  const lasts = turn.state === 'active' && step?.elapsedMs === null ? step : undefined;
  const words = (
    <>
      {now(turn, line.indexOf(turn.id), trans)} {lasts && <Elapsed key={lasts.key} began={lasts.began} />}
    </>
  );
  if (turn.state === 'queued' || turn.steps.length < 2) {
    return <p className="mlc-now">{words}</p>;
  }
  return (
    <details className="mlc-trail">
      <summary className="mlc-now">{words}</summary>
      <List steps={turn.steps} />
    </details>
  );
}

function now(turn: Turn, before: number, trans: Trans): string {
  if (turn.state === 'queued') {
    const ahead = Math.max(before, turn.position - 1);
    return ahead > 0 ? trans._n('In line, %1 answer before it…', 'In line, %1 answers before it…', ahead) : trans.__('In line…');
  }
  if (turn.state === 'waiting') {
    const person = turn.waitsFor === 'person';
    const what = person ? trans.__('Waiting for a person') : trans.__('Waiting for the running cell');
    return `${unmarked(turn.detail) || what}…`;
  }
  const step = turn.steps[turn.steps.length - 1];
  return `${step ? worded(step, trans) : trans.__('Starting')}…`;
}

/** Seconds since then. The clock is the service's: this machine's may be wrong. */
function Elapsed({ began }: { began: number }): JSX.Element {
  const { now } = useApp();
  const [start] = React.useState(() => (began ? began * SECOND_MS : now()));
  const [at, setAt] = React.useState(now);
  React.useEffect(() => {
    const timer = window.setInterval(() => setAt(now()), SECOND_MS);
    return () => window.clearInterval(timer);
  }, [now]);
  const seconds = Math.floor((at - start) / SECOND_MS);
  return <span className="mlc-elapsed">{seconds > 0 ? clock(seconds) : ''}</span>;
}

export function clock(seconds: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
}

export function Trail({ turn }: { turn: Turn }): JSX.Element | null {
  const trans = useTrans();
  const { steps } = turn;
  if (!steps.length || !hasEnded(turn)) {
    return null;
  }
  const total = steps.reduce((sum, step) => sum + (step.elapsedMs ?? 0), 0);
  return (
    <details className="mlc-trail">
      <summary>{trans._n('%1 step, %2', '%1 steps, %2', steps.length, duration(total))}</summary>
      <List steps={steps} />
    </details>
  );
}

function List({ steps }: { steps: readonly Step[] }): JSX.Element {
  const trans = useTrans();
  return (
    <ol>
      {steps.map(step => (
        <li key={step.key} data-ok={step.ok}>
          {worded(step, trans)} <span className="mlc-muted">{step.elapsedMs === null ? '…' : duration(step.elapsedMs)}</span>
          {!step.ok && ` (${trans.__('failed')})`}
        </li>
      ))}
    </ol>
  );
}

function worded(step: Step, trans: Trans): string {
  return [NAMES[step.name]?.(trans) ?? step.name, unmarked(step.detail)].filter(Boolean).join(': ');
}
