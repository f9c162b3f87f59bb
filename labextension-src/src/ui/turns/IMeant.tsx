/** What a person meant by a question: it is kept for the notebook, and asked. */
import * as React from 'react';
import { useApp } from '../app';
import { FaultLine } from './FaultLine';
import { placeOf } from './place';
import type { FaultRecord } from '../../protocol.gen';
import type { Turn } from '../state/state';
import { useTrans } from '../trans';
import { asFault } from '../wire/faults';
import { WordForm } from './WordForm';

export function IMeant({ turn, done }: { turn: Turn; done: () => void }): JSX.Element {
  const trans = useTrans();
  const app = useApp();
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const keep = (text: string): void => {
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
    <WordForm
      label={trans.__('What did you mean? It is read so in this notebook from now on')}
      placeholder={trans.__('What did you mean?')}
      act={trans.__('Keep and ask')}
      take={keep}
      close={done}
    >
      {fault && <FaultLine fault={fault} />}
    </WordForm>
  );
}
