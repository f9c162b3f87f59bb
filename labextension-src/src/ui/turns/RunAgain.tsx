/** The arguments of a call, edited, and the call again: a turn of its own, without a language model. */
import * as React from 'react';
import { useApp } from '../app';
import { FaultLine } from './FaultLine';
import { placeOf } from './place';
import type { FaultRecord } from '../../protocol.gen';
import type { ToolPart } from '../state/state';
import { type Trans, useTrans } from '../trans';
import { asFault } from '../wire/faults';

type Args = { [name: string]: unknown };

export function RunAgain({ part, close }: { part: ToolPart; close: () => void }): JSX.Element {
  const app = useApp();
  const trans = useTrans();
  const [text, setText] = React.useState(() => JSON.stringify(part.args, null, 2));
  const [problem, setProblem] = React.useState<Partial<FaultRecord> | null>(null);
  const [busy, setBusy] = React.useState(false);
  const area = React.useRef<HTMLTextAreaElement>(null);
  React.useEffect(() => area.current?.focus(), []);

  const run = (): void => {
    const read = argsOf(text, trans);
    if ('problem' in read) {
      setProblem({ message: read.problem });
      area.current?.focus();
      return;
    }
    setBusy(true);
    setProblem(null);
    app.ask({ type: 'tool.call', tool: part.tool, args: read.args, ...placeOf(app) }, 'accepted').then(close, fault => {
      setBusy(false);
      setProblem(asFault(fault));
    });
  };
  return (
    <form
      className="mlc-editor"
      aria-label={trans.__('Run %1 again', part.tool)}
      onSubmit={event => {
        event.preventDefault();
        run();
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          close();
        }
      }}
    >
      <textarea
        ref={area}
        className="mlc-code-field"
        aria-label={trans.__('Arguments as JSON')}
        aria-invalid={problem !== null}
        spellCheck={false}
        rows={Math.min(12, text.split('\n').length + 1)}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      {problem && <FaultLine fault={problem} />}
      <div className="mlc-buttons">
        <button type="submit" className="mlc-button" disabled={busy}>
          {trans.__('Run')}
        </button>
        <button type="button" className="mlc-button mlc-plain-button" onClick={close}>
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}

/** What was typed, if it is a JSON object. */
export function argsOf(text: string, trans: Trans): { args: Args } | { problem: string } {
  let value: unknown;
  try {
    value = text.trim() ? JSON.parse(text) : {};
  } catch (error) {
    return { problem: trans.__('This is not JSON: %1', (error as Error).message) };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: trans.__('Arguments are a JSON object, such as {"model_id": "clf"}.') };
  }
  return { args: value as Args };
}
