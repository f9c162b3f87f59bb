/** One call of a tool: its name, arguments, effect, result and time. */
import * as React from 'react';
import type { Effect } from '../../protocol.gen';
import { useApp } from '../app';
import { brief, json } from './brief';
import { Figure } from './Figure';
import type { PartProps } from './parts';
import { isCall } from './Question';
import { Result } from './Result';
import { RunAgain } from './RunAgain';
import { hasEnded, type ToolPart, type Turn } from '../state/state';
import { type Trans, useTrans } from '../trans';
import { duration } from '../text/words';

type Status = 'running' | 'ok' | 'error';

const EFFECTS: { readonly [E in Effect]: (trans: Trans) => string } = {
  read: trans => trans.__('reads, and changes nothing'),
  predict: trans => trans.__('calls the model, and changes nothing'),
  write: trans => trans.__('changes something in your kernel'),
  disclose: trans => trans.__('shows raw rows to the language model'),
  execute: trans => trans.__('runs code in your kernel')
};

function statusOf(part: ToolPart, turn: Turn): Status {
  if (part.result) {
    return part.result.ok ? 'ok' : 'error';
  }
  return hasEnded(turn) ? 'error' : 'running';
}

export function ToolCard({ part, turn, host }: PartProps<ToolPart>): JSX.Element {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const status = statusOf(part, turn);
  const { result, effect } = part;
  // Nobody words what was called directly: the card is the answer.
  const answers = isCall(turn) && result !== null;
  return (
    <>
      <details
        className="mlc-step"
        open={answers}
        data-status={status}
        data-call={part.key}
        onToggle={event => event.target === event.currentTarget && setOpen(event.currentTarget.open)}
      >
        <summary>
          <span className="mlc-dot" aria-hidden="true" />
          <span className="mlc-tool">{part.tool}</span>
          <code className="mlc-args">{brief(part.args)}</code>
          <span className="mlc-time">{timeOf(part, turn, status, trans)}</span>
        </summary>
        {open && (
          <>
            <dl>
              <dt>{trans.__('Effect')}</dt>
              <dd>{EFFECTS[effect]?.(trans) ?? effect}</dd>
              <dt>{trans.__('Arguments')}</dt>
              <dd>
                <pre tabIndex={0}>{json(part.args)}</pre>
              </dd>
              {result && <Result result={result} host={host} />}
            </dl>
            {(result || status === 'error') && <Further part={part} turn={turn} />}
          </>
        )}
      </details>
      {result?.display_ref && (
        <Figure
          reference={result.display_ref}
          label={trans.__('Figure of %1', `${part.tool}: ${brief(part.args)}`)}
          host={host}
        />
      )}
    </>
  );
}

/** What can be done about a call that is over. */
function Further({ part, turn }: { part: ToolPart; turn: Turn }): JSX.Element {
  const trans = useTrans();
  const app = useApp();
  const [editing, setEditing] = React.useState(false);
  const button = React.useRef<HTMLButtonElement>(null);
  if (editing) {
    return (
      <RunAgain
        part={part}
        close={() => {
          setEditing(false);
          window.setTimeout(() => button.current?.focus());
        }}
      />
    );
  }
  return (
    <div className="mlc-buttons">
      <button type="button" className="mlc-mini" ref={button} onClick={() => setEditing(true)}>
        {trans.__('Edit arguments and run again')}
      </button>
      {turn.llm && (
        <button type="button" className="mlc-mini" onClick={() => app.open('sent', turn.id)}>
          {trans.__('What was sent')}
        </button>
      )}
    </div>
  );
}

function timeOf(part: ToolPart, turn: Turn, status: Status, trans: Trans): string {
  const { result, progress } = part;
  if (result) {
    return duration(result.elapsed_ms ?? 0);
  }
  if (status === 'error') {
    return trans.__('not finished');
  }
  if (turn.state === 'waiting') {
    return trans.__('waits');
  }
  const share = progress?.total ? `${Math.floor((100 * (progress.done ?? 0)) / progress.total)} %` : '';
  return [progress?.text, share].filter(Boolean).join(' ') || '…';
}
