/** What a person meant by a question: it is kept for the notebook, and asked. */
import * as React from 'react';
import { useApp } from '../app';
import { FaultLine } from './FaultLine';
import { placeOf } from './place';
import type { FaultRecord } from '../../protocol.gen';
import type { Turn } from '../state/state';
import { useTrans } from '../trans';
import { asFault } from '../wire/faults';

export function IMeant({ turn, done }: { turn: Turn; done: () => void }): JSX.Element {
  const trans = useTrans();
  const app = useApp();
  const [text, setText] = React.useState('');
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const label = trans.__('What did you mean? It is read so in this notebook from now on');
  const keep = (): void => {
    setFault(null);
    app.ask({ type: 'synonym.add', turn: turn.id, meant: text }, 'accepted').then(
      () => {
        app.send({ type: 'turn.start', text, ...placeOf(app) });
        done();
      },
      thrown => setFault(asFault(thrown))
    );
  };
  return (
    <form
      className="mlc-word"
      onSubmit={event => {
        event.preventDefault();
        if (text.trim()) {
          keep();
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          done();
        }
      }}
    >
      <input
        aria-label={label}
        title={label}
        placeholder={trans.__('What did you mean?')}
        autoFocus
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      <button type="submit" className="mlc-mini" disabled={!text.trim()}>
        {trans.__('Keep and ask')}
      </button>
      {fault && <FaultLine fault={fault} />}
    </form>
  );
}
