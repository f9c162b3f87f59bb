/** Who answers when it is not the assistant, whether they type, and the way to a person and back. */
import * as React from 'react';
import type { Mode, Presence } from '../../protocol.gen';
import { useTrans } from '../trans';
import type { Draft } from '../wire/commands';
import type { Conversation, State } from '../state/state';
import { AskPerson } from './AskPerson';
import type { To, Visit } from './useVisit';

/** A sign of typing that is not repeated is over. */
const TYPING_MS = 6000;

interface Props {
  conversation: Conversation | undefined;
  me: State['me'];
  send: (draft: Draft) => void;
  visit: Visit;
}

export function PersonStrip({ conversation, me, send, visit }: Props): JSX.Element | null {
  const trans = useTrans();
  const present = Object.values(conversation?.present ?? {});
  const typing = useTyping(present.find(one => one.who !== me.principal && one.state === 'typing'));
  const changed = conversation?.mode;
  const asked = changed !== undefined && changed !== null && changed.mode !== 'assistant';
  if (!conversation || (!visit.owner && (conversation.deleted || (!asked && !me.experts)))) {
    return null;
  }
  const { id } = conversation;
  const expert = (asked && changed.expert) || '';
  const direct = asked && changed.mode === 'direct';
  const observed = changed?.observed !== false;
  const button = (label: string, act: () => void): JSX.Element => (
    <button type="button" className="mlc-mini" onClick={act}>
      {label}
    </button>
  );
  const change = (mode: Mode, observe = true): (() => void) => () =>
    send({ type: 'mode.change', conversation: id, mode, observe });
  const status = visit.owner
    ? expert === me.principal && asked
      ? trans.__('You answer %1 here.', visit.owner)
      : asked && !expert
        ? trans.__('%1 waits for a person.', visit.owner)
        : trans.__('This is not yours to answer any more.')
    : asked && (expert ? trans.__('%1 answers here.', expert) : trans.__('Waiting for a person to join…'));
  const joined = visit.owner !== '' && asked && expert === me.principal;
  return (
    <div className="mlc-person">
      <span role="status">
        {status}
        {direct && ` ${observed ? trans.__('The assistant may read it later.') : trans.__('The assistant does not read along.')}`}
        {asked && typing && ` ${trans.__('%1 is typing…', typing)}`}
      </span>
      {joined && !direct && <SayTo to={visit.to} set={visit.setTo} />}
      <span className="mlc-buttons">
        {(joined || (asked && !visit.owner)) && (
          <>
            {direct
              ? button(trans.__('Let the assistant take part'), change('expert'))
              : button(trans.__('Talk directly'), change('direct'))}
            {direct && observed && button(trans.__('Keep it from the assistant'), change('direct', false))}
            {button(trans.__('Back to the assistant'), change('assistant'))}
          </>
        )}
        {joined && button(trans.__('Give it back'), () => send({ type: 'expert.release', conversation: id }))}
        {visit.owner && asked && !expert && button(trans.__('Take it'), () => send({ type: 'expert.claim', conversation: id }))}
        {visit.owner && button(trans.__('Leave'), visit.leave)}
      </span>
      {!asked && !visit.owner && <AskPerson conversation={id} send={send} />}
    </div>
  );
}

function SayTo({ to, set }: { to: To; set: (to: To) => void }): JSX.Element {
  const trans = useTrans();
  return (
    <label>
      {trans.__('To')}{' '}
      <select value={to} onChange={event => set(event.currentTarget.value as To)}>
        <option value="everyone">{trans.__('everyone')}</option>
        <option value="assistant">{trans.__('the assistant, in their kernel')}</option>
      </select>
    </label>
  );
}

function useTyping(sign: Presence | undefined): string {
  const [who, setWho] = React.useState('');
  React.useEffect(() => {
    setWho(sign?.who ?? '');
    const timer = window.setTimeout(() => setWho(''), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [sign]);
  return who;
}
