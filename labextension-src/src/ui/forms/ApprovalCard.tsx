/** What a tool would do, exactly, and the person's word on it. */
import * as React from 'react';
import type { ApprovalClosed, Effect } from '../../protocol.gen';
import { FaultLine } from '../turns/FaultLine';
import { Markdown } from '../text/Markdown';
import type { PartProps } from '../turns/parts';
import { type ApprovalPart, hasEnded } from '../state/state';

const EFFECTS: Record<Effect, string> = {
  read: 'reads, and changes nothing',
  predict: 'calls the model, and changes nothing',
  write: 'changes something in your kernel',
  disclose: 'shows raw rows to the language model',
  execute: 'runs code in your kernel'
};

const OUTCOMES: Record<ApprovalClosed['outcome'], string> = {
  allowed: 'Allowed',
  denied: 'Denied',
  expired: 'Expired',
  cancelled: 'Cancelled'
};

export function ApprovalCard({ part, turn, host, send }: PartProps<ApprovalPart>): JSX.Element {
  const { asked, closed, fault } = part;
  const [given, setGiven] = React.useState(false);
  React.useEffect(() => setGiven(false), [fault]);
  const open = !closed && !hasEnded(turn);
  const give = (allow: boolean, always = false): void => {
    setGiven(true);
    send({ type: 'approval.give', turn: turn.id, approval: asked.approval, allow, always });
  };
  const disabled = !open || given;
  return (
    <section
      className="mlc-approval"
      aria-label={`Approval: ${asked.tool}`}
      data-outcome={closed?.outcome ?? ''}
      data-effect={asked.effect}
    >
      <Markdown text={asked.summary} final={true} host={host} />
      <p>
        <strong>Effect:</strong> {asked.effect}, it {EFFECTS[asked.effect] ?? 'does something this panel does not know'}.
      </p>
      {asked.code && (
        <pre className="mlc-code" tabIndex={0}>
          {asked.code}
        </pre>
      )}
      {open && (
        <div className="mlc-buttons">
          <button type="button" className="mlc-button" disabled={disabled} onClick={() => give(true)}>
            Allow once
          </button>
          <button type="button" className="mlc-button mlc-plain-button" disabled={disabled} onClick={() => give(false)}>
            Deny
          </button>
          <button
            type="button"
            className="mlc-button mlc-plain-button"
            disabled={disabled}
            onClick={() => give(true, true)}
          >
            Always for this conversation
          </button>
        </div>
      )}
      {closed && (
        <p className="mlc-outcome">
          {OUTCOMES[closed.outcome]}
          {closed.always ? ', always for this conversation' : ''}.
        </p>
      )}
      {fault && !closed && <FaultLine fault={fault} />}
    </section>
  );
}
