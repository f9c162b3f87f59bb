/** The line below an answer: who gave it, what it took, and what can be done with it. */
import * as React from 'react';
import { useApp } from '../app';
import { codeOf, answerOf } from './answer';
import { copy } from '../text/codebars';
import type { Draft } from '../wire/commands';
import { FaultLine } from './FaultLine';
import { Code } from './Result';
import { IMeant } from './IMeant';
import { OtherLlm } from './OtherLlm';
import { Thumbs, ThumbWord } from './Thumbs';
import { hasEnded, type Turn } from '../state/state';
import { isCall } from './Question';
import { Trail } from './Steps';
import type { FaultRecord, LlmInfo } from '../../protocol.gen';
import { useTrans } from '../trans';
import { unmarked } from '../text/words';
import { asFault } from '../wire/faults';

const SAID_MS = 1500;

export function TurnEnd({ turn }: { turn: Turn }): JSX.Element | null {
  const trans = useTrans();
  const app = useApp();
  const [more, setMore] = React.useState(false);
  const [asking, setAsking] = React.useState(false);
  if (!hasEnded(turn) || !turn.question) {
    return null;
  }
  const { state, answeredBy, cost, tokens, unverified, score, remark } = turn;
  const answer = answerOf(turn);
  return (
    <footer className="mlc-end">
      {state === 'cancelled' && <span>{turn.llm || turn.parts.length ? trans.__('Stopped.') : trans.__('Taken back.')}</span>}
      {state === 'abandoned' && <span>{trans.__('The server was stopped meanwhile.')}</span>}
      {answeredBy && <span>{trans.__('answered by %1', unmarked(answeredBy))}</span>}
      {tokens > 0 && <span>{trans._n('%1 token', '%1 tokens', tokens)}</span>}
      {cost !== null && <span>${cost.toFixed(4)}</span>}
      {unverified.length > 0 && <span>{trans.__('not from your kernel: %1', unverified.join(', '))}</span>}
      <Trail turn={turn} />
      <span className="mlc-acts">
        {answer && <CopyButton text={answer} />}
        {state === 'completed' && <Thumbs turn={turn} onGiven={given => setAsking(given !== 0)} />}
        {state !== 'completed' && (
          <button type="button" className="mlc-mini" onClick={() => app.send({ type: 'turn.retry', turn: turn.id })}>
            {trans.__('Try again')}
          </button>
        )}
        <button
          type="button"
          className="mlc-mini"
          aria-expanded={more}
          aria-label={trans.__('What else can be done with this answer')}
          title={trans.__('What else')}
          onClick={() => setMore(!more)}
        >
          ⋯
        </button>
      </span>
      {asking && score !== 0 && <ThumbWord turn={turn} close={() => setAsking(false)} />}
      {!asking && remark && <span className="mlc-remark">“{remark}”</span>}
      {more && <Further turn={turn} />}
    </footer>
  );
}

function CopyButton({ text }: { text: string }): JSX.Element {
  const trans = useTrans();
  const [said, setSaid] = React.useState<'done' | 'failed' | null>(null);
  React.useEffect(() => {
    const timer = said ? window.setTimeout(() => setSaid(null), SAID_MS) : 0;
    return () => window.clearTimeout(timer);
  }, [said]);
  return (
    <button
      type="button"
      className="mlc-mini"
      aria-label={trans.__('Copy this answer')}
      title={said === 'failed' ? trans.__('The browser did not let us copy.') : trans.__('Copy this answer')}
      data-said={said ?? undefined}
      onClick={() =>
        copy(text).then(
          () => setSaid('done'),
          () => setSaid('failed')
        )
      }
    >
      {trans.__('Copy')}
    </button>
  );
}

/** What is not needed every day. */
function Further({ turn }: { turn: Turn }): JSX.Element {
  const trans = useTrans();
  const app = useApp();
  const [shown, setShown] = React.useState<'' | 'code' | 'llm' | 'meant'>('');
  const [llms, setLlms] = React.useState<readonly LlmInfo[]>([]);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const words = turn.role === 'user' && !isCall(turn);
  React.useEffect(() => {
    let listening = words;
    if (words) {
      app.ask({ type: 'llms.get' }, 'llms').then(
        told => listening && setLlms(told.llms.filter(one => one.id !== turn.llm)),
        // There is then no other to offer.
        () => undefined
      );
    }
    return () => {
      listening = false;
    };
  }, [app, turn.llm, words]);
  const code = codeOf(turn);
  const freezable = turn.state === 'completed' && words && turn.llm && turn.llm !== 'builtin';
  const toggle = (name: 'code' | 'llm' | 'meant'): void => setShown(shown === name ? '' : name);
  // Only the built-in engine reads what was meant: a language model is simply told.
  const meanable = words && turn.llm === 'builtin' && app.host.context().notebook;
  const tell = (draft: Draft): void => {
    setFault(null);
    app.ask(draft, 'accepted').catch(thrown => setFault(asFault(thrown)));
  };
  return (
    <div className="mlc-further">
      <div className="mlc-buttons">
        {code && (
          <button type="button" className="mlc-mini" aria-expanded={shown === 'code'} onClick={() => toggle('code')}>
            {trans.__('Show as code')}
          </button>
        )}
        {llms.length > 0 && !turn.frozen && (
          <button type="button" className="mlc-mini" aria-expanded={shown === 'llm'} onClick={() => toggle('llm')}>
            {trans.__('Ask another language model')}
          </button>
        )}
        {freezable && (
          <button
            type="button"
            className="mlc-mini"
            aria-pressed={turn.frozen}
            title={trans.__('This question of the notebook gets this answer, whatever changes')}
            onClick={() => tell({ type: 'turn.freeze', turn: turn.id, frozen: !turn.frozen })}
          >
            {trans.__('Freeze')}
          </button>
        )}
        {meanable && (
          <button type="button" className="mlc-mini" aria-expanded={shown === 'meant'} onClick={() => toggle('meant')}>
            {trans.__('I meant…')}
          </button>
        )}
        {meanable && turn.synonym && (
          <button type="button" className="mlc-mini" onClick={() => tell({ type: 'synonym.delete', turn: turn.id })}>
            {trans.__('Read it as it stands')}
          </button>
        )}
        {turn.llm && (
          <button type="button" className="mlc-mini" onClick={() => app.open('sent', turn.id)}>
            {trans.__('What was sent')}
          </button>
        )}
      </div>
      {fault && <FaultLine fault={fault} />}
      {shown === 'code' && (
        <div className="mlc-step-code">
          <Code code={code} host={app.host} />
        </div>
      )}
      {shown === 'llm' && <OtherLlm turn={turn} llms={llms} done={() => setShown('')} />}
      {shown === 'meant' && <IMeant turn={turn} done={() => setShown('')} />}
    </div>
  );
}
