/** One turn: what was asked, and what came of it. */
import * as React from 'react';
import { Checked } from './Checked';
import type { Draft } from '../wire/commands';
import { FaultLine } from './FaultLine';
import type { Host } from '../host';
import { PartView } from './parts';
import { Question } from './Question';
import { isRunning, type Turn } from '../state/state';
import { Now } from './Steps';
import { TurnEnd } from './TurnEnd';
import { useTrans } from '../trans';

interface Props {
  turn: Turn;
  host: Host;
  send: (draft: Draft) => void;
}

export const TurnView = React.memo(function TurnView({ turn, host, send }: Props): JSX.Element {
  const trans = useTrans();
  const running = isRunning(turn);
  return (
    <>
      {turn.question && <Question turn={turn} />}
      <article
        className="mlc-msg mlc-assistant"
        aria-label={trans.__('Assistant')}
        aria-busy={running}
        data-turn={turn.id}
        data-state={turn.state}
      >
        {turn.parts.map(part => (
          <PartView key={part.key} part={part} turn={turn} host={host} send={send} />
        ))}
        {running && <Now turn={turn} />}
        {turn.fault && <FaultLine fault={turn.fault} />}
        <Checked turn={turn} host={host} send={send} />
        <TurnEnd turn={turn} />
      </article>
    </>
  );
});
