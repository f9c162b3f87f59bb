/** A message on its way: shown at once, marked until the service has it. */
import * as React from 'react';
import { AlongList } from '../bringing/AlongList';
import { FaultLine } from './FaultLine';
import { Pictures } from './Pictures';
import type { Outgoing } from '../state/state';
import { useTrans } from '../trans';

export function OutgoingMessage({ outgoing, again }: { outgoing: Outgoing; again: (command: string) => void }): JSX.Element {
  const trans = useTrans();
  const { delivery, fault } = outgoing;
  return (
    <article className="mlc-msg mlc-user" aria-label={trans.__('You')} data-delivery={delivery}>
      <div className="mlc-said">{outgoing.text}</div>
      {outgoing.again.type === 'turn.start' && <Pictures images={outgoing.again.images ?? []} />}
      <AlongList along={outgoing.along} />
      {delivery === 'sending' && <small className="mlc-muted">{trans.__('Sending…')}</small>}
      {delivery === 'delivered' && <small className="mlc-muted">{trans.__('Delivered')}</small>}
      {delivery === 'error' && (
        <FaultLine fault={fault ?? { message: trans.__('It was not sent.') }}>
          <button type="button" className="mlc-mini" onClick={() => again(outgoing.command)}>
            {trans.__('Send again')}
          </button>
        </FaultLine>
      )}
    </article>
  );
}
