/** What left for providers, message by message, and what was kept back. */
import * as React from 'react';
import { Code, type FaultRecord, type SentList, type SentRequest } from '../../protocol.gen';
import { useApp } from '../app';
import type { SheetProps } from '../sheets/sheets';
import type { Turn } from '../state/state';
import { useTrans } from '../trans';
import { FaultLine } from '../turns/FaultLine';
import { asFault } from '../wire/faults';
import { inWords, standingOf } from './level';
import { bytesIn, bytesOf, keptHere, messagesOf, replaced, restOf, type Said, sameStart, tokensOf, type Why } from './request';

/** Turns that are looked at first. */
const PAGE = 5;
/** Longer texts are folded. */
const LONG = 600;
const MOST_KEPT = 12;

export function SentSheet({ chat, about }: SheetProps): JSX.Element {
  const trans = useTrans();
  const [count, setCount] = React.useState(PAGE);
  const { state } = chat;
  const conversation = state.current ? state.conversations[state.current] : undefined;
  const asked = (conversation?.turns ?? []).filter(turn => turn.question && (!about || turn.id === about)).reverse();
  return (
    <>
      {!about && <p className="mlc-muted">{inWords(standingOf(conversation, state.me.level, ''), trans)}</p>}
      {!asked.length && <p>{trans.__('Nothing was asked here yet, so nothing was sent.')}</p>}
      {asked.slice(0, count).map(turn => (
        <OfTurn key={turn.id} turn={turn} />
      ))}
      {asked.length > count && (
        <button type="button" className="mlc-mini" onClick={() => setCount(count + PAGE)}>
          {trans.__('Show earlier questions (%1)', asked.length - count)}
        </button>
      )}
    </>
  );
}

function OfTurn({ turn }: { turn: Turn }): JSX.Element {
  const { ask, host } = useApp();
  const trans = useTrans();
  const [told, setTold] = React.useState<readonly SentRequest[] | null>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  React.useEffect(() => {
    let listening = true;
    const whole = (thrown: FaultRecord): Promise<readonly SentRequest[]> =>
      thrown.code === Code.TOO_LARGE && host.api
        ? host.api.request<SentList>(['turns', turn.id, 'sent']).then(list => list.sent)
        : Promise.reject(thrown);
    ask({ type: 'turn.sent', turn: turn.id }, 'sent')
      .then(event => event.requests, whole)
      .then(
        requests => listening && setTold(requests),
        thrown => listening && setFault(asFault(thrown))
      );
    return () => {
      listening = false;
    };
    // A turn that goes on sends more.
  }, [ask, host, turn.id, turn.state, turn.steps.length]);
  const requests = (told ?? []).map(request => messagesOf(request.body));
  return (
    <section className="mlc-sent" aria-label={trans.__('Sent for: %1', turn.question)}>
      <h3>{turn.question}</h3>
      {fault && <FaultLine fault={fault} />}
      {!told && !fault && <p className="mlc-muted">{trans.__('Looking…')}</p>}
      {told?.length === 0 && <p className="mlc-sent-none">{trans.__('Nothing left this machine for this question.')}</p>}
      {told?.map((request, at) => (
        <OneRequest
          key={at}
          number={at + 1}
          request={request}
          said={requests[at]}
          known={at ? sameStart(requests[at - 1], requests[at]) : 0}
        />
      ))}
      {told && told.length > 0 && <Kept turn={turn} said={requests[requests.length - 1]} />}
    </section>
  );
}

function OneRequest({ number, request, said, known }: { number: number; request: SentRequest; said: readonly Said[]; known: number }): JSX.Element {
  const trans = useTrans();
  const bytes = bytesOf(request);
  const time = new Date(request.time * 1000).toLocaleTimeString();
  return (
    <details className="mlc-sent-request">
      <summary>
        <b>{request.llm.replace('/', ' / ')}</b> {time}, {trans.__('%1, about %2 tokens', size(bytes), tokensOf(request))}
      </summary>
      {known > 0 && (
        <details>
          <summary>{trans._n('The same first message as in request %2', 'The same first %1 messages as in request %2', known, number - 1)}</summary>
          <Messages said={said.slice(0, known)} />
        </details>
      )}
      <Messages said={said.slice(known)} />
      <Folded label={trans.__('Also sent')} text={restOf(request.body).join('\n')} />
      <Folded label={trans.__('All of it, as it left')} text={JSON.stringify(request.body, null, 2)} />
    </details>
  );
}

function Messages({ said }: { said: readonly Said[] }): JSX.Element {
  const trans = useTrans();
  const roles: { [role: string]: string } = {
    system: trans.__('Instructions'),
    user: trans.__('You'),
    assistant: trans.__('Assistant')
  };
  return (
    <>
      {said.map((one, at) => (
        <React.Fragment key={at}>
          {(one.text || !one.calls.length) && (
            <Folded
              label={one.role === 'tool' ? trans.__('Result of %1', one.tool || trans.__('a tool')) : (roles[one.role] ?? one.role)}
              text={one.text}
            />
          )}
          {one.pictures.map((address, index) => (
            <Sight key={index} address={address} />
          ))}
          {one.calls.map((call, index) => (
            <Folded key={index} label={trans.__('Call')} text={call} />
          ))}
        </React.Fragment>
      ))}
    </>
  );
}

function Sight({ address }: { address: string }): JSX.Element {
  const trans = useTrans();
  return (
    <figure className="mlc-sent-message">
      <figcaption>
        <b>{trans.__('Picture')}</b> {address ? size(bytesIn(address)) : trans.__('of a kind that is not shown here')}
      </figcaption>
      {address && <img src={address} alt={trans.__('The picture, as it left')} />}
    </figure>
  );
}

function Folded({ label, text }: { label: string; text: string }): JSX.Element {
  const trans = useTrans();
  return (
    <div className="mlc-sent-message">
      <b>{label}</b>
      {text.length <= LONG ? (
        <pre tabIndex={0}>{text}</pre>
      ) : (
        <details>
          <summary>
            {text.slice(0, 120)}… <span className="mlc-muted">{trans.__('%1 characters', text.length)}</span>
          </summary>
          <pre tabIndex={0}>{text}</pre>
        </details>
      )}
    </div>
  );
}

function Kept({ turn, said }: { turn: Turn; said: readonly Said[] }): JSX.Element | null {
  const trans = useTrans();
  const why: Record<Why, (count: number) => string> = {
    level: count => trans._n('%1 value was held back: the level lets names, types and shapes pass alone.', '%1 values were held back: the level lets names, types and shapes pass alone.', count),
    personal: count => trans._n('%1 text that looks like a person’s address or number was replaced.', '%1 texts that look like a person’s address or number were replaced.', count),
    hidden: count => trans._n('%1 mention of what you have hidden was withheld.', '%1 mentions of what you have hidden were withheld.', count)
  };
  const kept = turn.parts.flatMap(part => {
    const paths = part.kind === 'tool' && part.result ? keptHere(part.result) : [];
    return part.kind === 'tool' && paths.length ? [{ key: part.key, tool: part.tool, paths }] : [];
  });
  const marks = replaced(said);
  return (
    <div className="mlc-sent-kept">
      <b>{trans.__('Held back')}</b>
      {!kept.length && !marks.length && <p>{trans.__('Nothing had to be held back from these results.')}</p>}
      <ul>
        {marks.map(one => (
          <li key={one.why}>{why[one.why](one.count)}</li>
        ))}
        {kept.map(({ key, tool, paths }) => (
          <li key={key}>
            {trans.__('Of %1 these stayed on this machine, since they are values of your data or are of few rows:', tool)}{' '}
            <code>{paths.slice(0, MOST_KEPT).join(', ')}</code>
            {paths.length > MOST_KEPT && ` ${trans.__('and %1 more', paths.length - MOST_KEPT)}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
