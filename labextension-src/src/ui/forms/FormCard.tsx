/** A question to the person: fields to fill, or one of several readings to choose. */
import * as React from 'react';
import { useApp } from '../app';
import { Choice } from './Choice';
import { callOf, changed } from './again';
import type { FaultRecord, FormClosed } from '../../protocol.gen';
import { FaultLine } from '../turns/FaultLine';
import { FieldsForm } from './FieldsForm';
import type { PartProps } from '../turns/parts';
import { placeOf } from '../turns/place';
import { type FormPart, hasEnded } from '../state/state';
import { type Trans, useTrans } from '../trans';
import { useAnswered } from './answered';
import type { Values } from './values';
import { asFault } from '../wire/faults';

const OUTCOMES: { readonly [O in FormClosed['outcome']]: (trans: Trans) => string } = {
  submitted: trans => trans.__('Submitted.'),
  dismissed: trans => trans.__('Dismissed.'),
  expired: trans => trans.__('Expired.'),
  cancelled: trans => trans.__('Cancelled.')
};

export function FormCard(props: PartProps<FormPart>): JSX.Element {
  const { part, turn, send } = props;
  const { spec, closed, fault } = part;
  const trans = useTrans();
  const [sent, setSent] = React.useState(false);
  const [again, setAgain] = React.useState(false);
  React.useEffect(() => setSent(false), [fault]);
  const place = useAnswered(sent && Boolean(closed));
  const open = !closed && !hasEnded(turn);
  const submit = (values: Values, start: string): void => {
    setSent(true);
    send({ type: 'form.submit', turn: turn.id, form: part.key, values, ...(start ? { start } : {}) });
  };
  const choose = (choice: number): void => {
    setSent(true);
    send({ type: 'form.submit', turn: turn.id, form: part.key, values: {}, choice });
  };
  const dismiss = (): void => {
    setSent(true);
    send({ type: 'form.dismiss', turn: turn.id, form: part.key });
  };
  if (again) {
    return <Again {...props} close={() => setAgain(false)} />;
  }
  const end = (
    <>
      {open && (
        <button type="button" className="mlc-button mlc-plain-button" disabled={sent} onClick={dismiss}>
          {trans.__('Dismiss')}
        </button>
      )}
      {closed && <span className="mlc-outcome">{OUTCOMES[closed.outcome]?.(trans)}</span>}
      {closed?.outcome === 'submitted' && callOf(part, turn) && (
        <button type="button" className="mlc-mini" onClick={() => setAgain(true)}>
          {trans.__('Change a value')}
        </button>
      )}
      {fault && !closed && <FaultLine fault={fault} />}
    </>
  );
  return (
    <div ref={place} className="mlc-part">
      {spec.kind === 'choice' ? (
        <Choice part={part} disabled={!open || sent} choose={choose}>
          {end}
        </Choice>
      ) : (
        <FieldsForm part={part} disabled={!open || sent} answer={submit}>
          {end}
        </FieldsForm>
      )}
    </div>
  );
}

/** The form once more, with what was given; its answer is a call of its own. */
function Again({ part, turn, close }: PartProps<FormPart> & { close: () => void }): JSX.Element {
  const app = useApp();
  const trans = useTrans();
  const [busy, setBusy] = React.useState(false);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const end = (): void => {
    app.typed.delete(`${part.key} again`);
    close();
  };
  const run = (values: Values, start: string): void => {
    const call = callOf(part, turn);
    if (!call) {
      return;
    }
    setBusy(true);
    setFault(null);
    app.ask({ type: 'tool.call', ...changed(call, part, values, start), ...placeOf(app) }, 'accepted').then(end, error => {
      setBusy(false);
      setFault(asFault(error));
    });
  };
  return (
    <FieldsForm part={part} again disabled={busy} answer={run}>
      <button type="button" className="mlc-button mlc-plain-button" onClick={end}>
        {trans.__('Leave it')}
      </button>
      {fault && <FaultLine fault={fault} />}
    </FieldsForm>
  );
}
