/** A message on its way: shown at once, marked until the service has it. */
import * as React from 'react';
import { FaultLine } from './FaultLine';
import type { Outgoing } from '../state/state';

export function OutgoingMessage({ outgoing, again }: { outgoing: Outgoing; again: (command: string) => void }): JSX.Element {
  const { delivery, fault } = outgoing;
  return (
    <article className="mlc-msg mlc-user" aria-label="You" data-delivery={delivery}>
      <div className="mlc-said">{outgoing.text}</div>
      {delivery === 'sending' && <small className="mlc-muted">Sending…</small>}
      {delivery === 'error' && (
        <FaultLine fault={fault ?? { message: 'It was not sent.' }}>
          <button type="button" className="mlc-mini" onClick={() => again(outgoing.command)}>
            Send again
          </button>
        </FaultLine>
      )}
    </article>
  );
}
