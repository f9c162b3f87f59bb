/** A question to the person: fields to fill, or one of several readings to choose. */
import * as React from 'react';
import type { FormClosed } from '../../protocol.gen';
import { FaultLine } from '../turns/FaultLine';
import { asText, FieldRow, type Filled, valuesOf } from './fields';
import { newId } from '../wire/ids';
import type { PartProps } from '../turns/parts';
import { type FormPart, hasEnded } from '../state/state';
import { unmarked, Words } from '../text/words';

const OUTCOMES: Record<FormClosed['outcome'], string> = {
  submitted: 'Submitted.',
  dismissed: 'Dismissed.',
  expired: 'Expired.',
  cancelled: 'Cancelled.'
};

export function FormCard(props: PartProps<FormPart>): JSX.Element {
  const { part, turn, send } = props;
  const { spec, closed, fault } = part;
  const [sent, setSent] = React.useState(false);
  React.useEffect(() => setSent(false), [fault]);
  const open = !closed && !hasEnded(turn);
  const answer = (values: { [name: string]: unknown }, choice: number | null): void => {
    setSent(true);
    send({ type: 'form.submit', turn: turn.id, form: part.key, values, choice });
  };
  const dismiss = (): void => {
    setSent(true);
    send({ type: 'form.dismiss', turn: turn.id, form: part.key });
  };
  const kind = spec.kind ?? 'fields';
  const Body = kind === 'choice' ? Choice : Fields;
  return (
    <Body part={part} kind={kind} disabled={!open || sent} answer={answer}>
      {open && (
        <button type="button" className="mlc-button mlc-plain-button" disabled={sent} onClick={dismiss}>
          Dismiss
        </button>
      )}
      {closed && <span className="mlc-outcome">{OUTCOMES[closed.outcome]}</span>}
      {fault && !closed && <FaultLine fault={fault} />}
    </Body>
  );
}

interface BodyProps {
  part: FormPart;
  kind: string;
  disabled: boolean;
  answer: (values: { [name: string]: unknown }, choice: number | null) => void;
  children: React.ReactNode;
}

function Fields({ part, kind, disabled, answer, children }: BodyProps): JSX.Element {
  const fields = part.spec.fields ?? [];
  const [id] = React.useState(newId);
  const [filled, setFilled] = React.useState<Filled>(() =>
    Object.fromEntries(fields.map(field => [field.name, asText(field.value)]))
  );
  const [missing, setMissing] = React.useState<readonly string[]>([]);
  // Another tab may have answered: what it said is what counts.
  const told = part.closed?.values;
  const shown = told ? { ...filled, ...Object.fromEntries(Object.entries(told).map(([n, v]) => [n, asText(v)])) } : filled;
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const empty = fields.filter(field => (field.required ?? true) && !filled[field.name]?.trim());
    setMissing(empty.map(field => field.name));
    if (!empty.length && !disabled) {
      answer(valuesOf(fields, filled), null);
    }
  };
  return (
    <form
      className="mlc-form"
      data-kind={kind}
      data-outcome={part.closed?.outcome ?? ''}
      aria-label={unmarked(part.spec.title)}
      noValidate
      onSubmit={submit}
    >
      <fieldset disabled={disabled}>
        <legend>
          <Words text={part.spec.title} />
        </legend>
        {fields.map(field => (
          <FieldRow
            key={field.name}
            id={`${id}-${field.name}`}
            field={field}
            value={shown[field.name] ?? ''}
            missing={missing.includes(field.name)}
            onChange={value => setFilled(before => ({ ...before, [field.name]: value }))}
          />
        ))}
      </fieldset>
      <div className="mlc-buttons">
        <button type="submit" className="mlc-button" disabled={disabled}>
          Submit
        </button>
        {children}
      </div>
    </form>
  );
}

function Choice({ part, kind, disabled, answer, children }: BodyProps): JSX.Element {
  return (
    <form
      className="mlc-form"
      data-kind={kind}
      data-outcome={part.closed?.outcome ?? ''}
      aria-label={unmarked(part.spec.title)}
      onSubmit={event => event.preventDefault()}
    >
      <fieldset disabled={disabled}>
        <legend>
          <Words text={part.spec.title} />
        </legend>
        {(part.spec.offers ?? []).map((offer, index) => (
          <button
            key={index}
            type="button"
            className="mlc-offer"
            aria-pressed={part.closed?.choice === index + 1}
            onClick={() => answer({}, index + 1)}
          >
            <Words text={offer.text} />
          </button>
        ))}
      </fieldset>
      <div className="mlc-buttons">{children}</div>
    </form>
  );
}
