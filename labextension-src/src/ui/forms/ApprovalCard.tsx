/** What a tool would do, exactly, and the person's word on it. */
import * as React from 'react';
import type { ApprovalClosed, Effect } from '../../protocol.gen';
import { MeContext } from '../app';
import { Changes } from './Changes';
import { FaultLine } from '../turns/FaultLine';
import { fenced, plainly } from './code';
import { Markdown } from '../text/Markdown';
import type { PartProps } from '../turns/parts';
import { Preview } from '../trust/Preview';
import { type ApprovalPart, hasEnded } from '../state/state';
import { type Trans, useTrans } from '../trans';
import { useAnswered } from './answered';

const EFFECTS: { readonly [E in Effect]: (trans: Trans) => string } = {
  read: trans => trans.__('read, it reads, and changes nothing'),
  predict: trans => trans.__('predict, it calls the model, and changes nothing'),
  write: trans => trans.__('write, it changes something in your kernel'),
  disclose: trans => trans.__('disclose, it shows raw data to the language model'),
  execute: trans => trans.__('execute, it runs code in your kernel')
};

const OUTCOMES: { readonly [O in ApprovalClosed['outcome']]: (trans: Trans) => string } = {
  allowed: trans => trans.__('Allowed.'),
  denied: trans => trans.__('Denied.'),
  expired: trans => trans.__('Expired.'),
  cancelled: trans => trans.__('Cancelled.')
};

export function ApprovalCard({ part, turn, host, send }: PartProps<ApprovalPart>): JSX.Element {
  const { asked, closed, fault } = part;
  const trans = useTrans();
  const me = React.useContext(MeContext);
  const [given, setGiven] = React.useState(false);
  React.useEffect(() => setGiven(false), [fault]);
  const place = useAnswered(given && Boolean(closed));
  const open = !closed && !hasEnded(turn);
  const give = (allow: boolean, always = false): void => {
    setGiven(true);
    send({ type: 'approval.give', turn: turn.id, approval: asked.approval, allow, always });
  };
  const may = !me.unapproved.includes(asked.effect);
  const { code, hidden } = plainly(asked.code ?? '');
  const button = (label: string, act: () => void, plain = true): JSX.Element => (
    <button type="button" className={plain ? 'mlc-button mlc-plain-button' : 'mlc-button'} disabled={!open || given} onClick={act}>
      {label}
    </button>
  );
  return (
    <div ref={place} className="mlc-part">
      <section
        className="mlc-approval"
        aria-label={trans.__('Approval: %1', asked.tool)}
        data-outcome={closed?.outcome ?? ''}
        data-effect={asked.effect}
        tabIndex={-1}
      >
        <Markdown text={asked.summary} final={true} host={host} />
        <p>
          <strong>{trans.__('Effect:')}</strong>{' '}
          {EFFECTS[asked.effect]?.(trans) ?? trans.__('%1, which this panel does not know', asked.effect)}.
        </p>
        <Changes changes={asked.changes ?? []} />
        {code && <Markdown text={fenced(code)} final={true} host={host} />}
        {hidden && (
          <p className="mlc-unusual" role="note">
            {trans.__('Invisible characters, which can make code look like other code, are shown as their numbers.')}
          </p>
        )}
        {open && !may && <p className="mlc-muted">{trans.__('From here it can only be denied. Allow it in the chat panel.')}</p>}
        <Preview part={part} turn={turn} />
        {open && (
          <div className="mlc-buttons">
            {may && button(trans.__('Allow once'), () => give(true), false)}
            {button(trans.__('Deny'), () => give(false))}
            {may && me.lasting && (asked.always ?? true) && button(trans.__('Always for this conversation'), () => give(true, true))}
          </div>
        )}
        {closed && (
          <p className="mlc-outcome">
            {OUTCOMES[closed.outcome]?.(trans)} {closed.always ? trans.__('It holds always for this conversation.') : ''}
          </p>
        )}
        {fault && !closed && <FaultLine fault={fault} />}
      </section>
    </div>
  );
}
