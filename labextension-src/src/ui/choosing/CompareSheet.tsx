/** One question on two language models, side by side. */
import * as React from 'react';
import type { Comparison, FaultRecord, LlmInfo } from '../../protocol.gen';
import type { Host } from '../host';
import type { SheetProps } from '../sheets/sheets';
import type { Chat } from '../state/useChat';
import { asFault } from '../wire/faults';
import { FaultLine } from '../turns/FaultLine';
import { useTrans } from '../trans';
import { ComparisonTable } from './ComparisonTable';
import { Locked } from './Locked';
import { Select, Setting } from './Setting';
import { currentOf, useChoices } from './useChoices';
import { useLlms } from './useLlms';

/** It is the server's REST alone that compares. */
export function mayCompare(chat: Chat, host: Host): boolean {
  return host.api !== undefined && !chat.state.me.disabled.includes('compare');
}

export function CompareSheet({ chat, host, about }: SheetProps): JSX.Element {
  const trans = useTrans();
  const { told, busy } = useLlms('');
  const { choices, change, fault: refused } = useChoices(chat);
  const conversation = currentOf(chat);
  const turns = conversation === null ? [] : (chat.state.conversations[conversation]?.turns ?? []);
  const [text, setText] = React.useState(() => [...turns].reverse().find(one => one.question)?.question ?? '');
  const [picked, setPicked] = React.useState<readonly [string, string]>(['', about]);
  const [answer, setAnswer] = React.useState<Comparison | null>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const [since, setSince] = React.useState<number | null>(null);
  const ids = (told?.llms ?? []).map(one => one.id);
  const first = picked[0] || choices?.llm || ids[0] || '';
  const second = picked[1] || ids.find(id => id !== first) || '';
  const problem = first && first === second ? trans.__('Choose two different ones.') : '';
  const ready = since === null && text.trim() !== '' && first !== '' && second !== '' && !problem;

  const gone = React.useRef(false);
  React.useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  const compare = async (): Promise<void> => {
    setFault(null);
    setAnswer(null);
    setSince(Date.now());
    const body = { text, llms: [first, second], context: chat.context };
    try {
      const found = await host.api?.request<Comparison>(['compare'], { method: 'POST', body });
      if (!gone.current) {
        setAnswer(found ?? null);
      }
    } catch (thrown) {
      if (!gone.current) {
        setFault(asFault(thrown));
      }
    }
    if (!gone.current) {
      setSince(null);
    }
  };

  const options = optionsOf(told?.llms ?? [], [first, second]);
  const names = [trans.__('First'), trans.__('Second')] as const;
  return (
    <div className="mlc-compare">
      {choices?.locked?.includes('llm') && <Locked />}
      <form
        onSubmit={event => {
          event.preventDefault();
          if (ready) {
            void compare();
          }
        }}
      >
        <Setting
          label={trans.__('Question')}
          control={wiring => (
            <textarea {...wiring} rows={3} value={text} onChange={event => setText(event.target.value)} />
          )}
        />
        {([first, second] as const).map((value, at) => (
          <Setting
            key={names[at]}
            label={names[at]}
            problem={at === 1 ? problem : ''}
            help={at === 1 && busy ? trans.__('Asking providers…') : ''}
            control={wiring => (
              <Select
                own={wiring}
                value={value}
                disabled={since !== null}
                options={options}
                onChange={id => setPicked(at === 0 ? [id, second] : [first, id])}
              />
            )}
          />
        ))}
        <p className="mlc-muted">{trans.__('Both only read and predict, in conversations of their own. It costs what two questions cost.')}</p>
        <button type="submit" className="mlc-button" disabled={!ready}>
          {trans.__('Compare')}
        </button>
      </form>
      {since !== null && <Waiting since={since} first={first} second={second} />}
      {fault && <FaultLine fault={fault} />}
      {refused && <FaultLine fault={refused} />}
      {answer && (
        <ComparisonTable
          comparison={answer}
          host={host}
          inUse={choices?.llm ?? ''}
          use={
            conversation !== null && !choices?.locked?.includes('llm') ? llm => void change({ llm }) : undefined
          }
        />
      )}
    </div>
  );
}

function Waiting({ since, first, second }: { since: number; first: string; second: string }): JSX.Element {
  const trans = useTrans();
  const [now, setNow] = React.useState(since);
  React.useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <p>
      <span role="status">{trans.__('Asking %1, then %2…', first, second)}</span>{' '}
      <span className="mlc-muted">{trans.__('%1 s', Math.max(0, Math.round((now - since) / 1000)))}</span>
    </p>
  );
}

function optionsOf(llms: readonly LlmInfo[], also: readonly string[]): { value: string; label: string }[] {
  return [...new Set([...llms.map(one => one.id), ...also])].filter(Boolean).map(id => ({ value: id, label: id }));
}
