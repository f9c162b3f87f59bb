/** The language model of this conversation, or of a new one. */
import * as React from 'react';
import type { LlmsTold, ProviderInfo } from '../../protocol.gen';
import { useApp } from '../app';
import type { SheetProps } from '../sheets/sheets';
import { FaultLine } from '../turns/FaultLine';
import { type Trans, useTrans } from '../trans';
import { Health, Trouble } from './health';
import { LlmCard } from './LlmCard';
import { grouped, LlmList, MOST_SHOWN } from './LlmList';
import { Locked } from './Locked';
import { currentOf, useChoices } from './useChoices';
import { useLlms } from './useLlms';
import { Vanished } from './Vanished';
import { mayCompare } from './CompareSheet';

/** What can be the whole name of an llm. */
const NAMED = /^[a-z0-9_]+\/\S+$/;

export function LlmSheet({ chat, host, close }: SheetProps): JSX.Element {
  const trans = useTrans();
  const { open } = useApp();
  const [word, setWord] = React.useState('');
  const [wanted, setWanted] = React.useState('');
  const { told, fault, busy, refresh } = useLlms(word.trim());
  const { choices, fault: refused, obey } = useChoices(chat);
  const conversation = currentOf(chat);
  const inUse = choices?.llm ?? '';
  const locked = choices?.locked?.includes('llm') ?? false;
  const llms = told?.llms ?? [];
  const providers = told?.providers ?? [];
  const [first] = grouped(llms, providers);
  const shown = llms.find(one => one.id === wanted) ?? llms.find(one => one.id === inUse) ?? first?.[1][0];
  const provider = providers.find(one => one.name === shown?.provider);
  const usable = !locked && provider?.usable !== false;

  const begin = (llm: string): void => {
    chat.send({ type: 'conversation.open', context: chat.context, new: true, llm });
    close();
  };
  const use = async (llm: string): Promise<void> => {
    if (conversation === null) {
      begin(llm);
    } else if (await obey({ type: 'conversation.update', conversation, llm })) {
      close();
    }
  };

  return (
    <div className="mlc-llms">
      {locked && <Locked />}
      {refused && <FaultLine fault={refused} />}
      {fault && <FaultLine fault={fault} />}
      <Vanished inUse={inUse} told={word.trim() ? null : told} pick={setWord} />
      <div className="mlc-llm-columns">
        <div className="mlc-llm-find">
          <LlmList
            word={word}
            onWord={setWord}
            llms={llms}
            providers={providers}
            inUse={inUse}
            active={shown?.id ?? ''}
            onActive={setWanted}
            onTake={id => usable && void use(id)}
          />
          <div className="mlc-llm-foot">
            <span role="status" className="mlc-muted">
              {countOf(told, busy, trans)}
            </span>
            <button type="button" className="mlc-mini" disabled={busy} onClick={refresh}>
              {trans.__('Ask providers again')}
            </button>
          </div>
        </div>
        {shown && (
          <LlmCard llm={shown} provider={provider}>
            <button
              type="button"
              className="mlc-button"
              disabled={!usable || (shown.id === inUse && conversation !== null)}
              onClick={() => void use(shown.id)}
            >
              {shown.id === inUse && conversation !== null ? trans.__('In use here') : trans.__('Use here')}
            </button>
            <button
              type="button"
              className="mlc-button mlc-plain-button"
              disabled={!usable}
              onClick={() => begin(shown.id)}
            >
              {trans.__('New conversation with it')}
            </button>
            {mayCompare(chat, host) && shown.id !== inUse && (
              <button
                type="button"
                className="mlc-button mlc-plain-button"
                disabled={!usable}
                onClick={() => open('compare', shown.id)}
              >
                {trans.__('Compare')}
              </button>
            )}
          </LlmCard>
        )}
      </div>
      {told && told.llms.length === 0 && (
        <Nothing told={told} pick={setWord} use={!locked && NAMED.test(word.trim()) ? () => void use(word.trim()) : null}>
          {trans.__('Use %1 all the same', word.trim())}
        </Nothing>
      )}
      <Others providers={providers.filter(one => !one.usable)} />
    </div>
  );
}

function countOf(told: LlmsTold | null, busy: boolean, trans: Trans): string {
  const shown = Math.min(told?.llms.length ?? 0, MOST_SHOWN);
  const count = !told
    ? ''
    : told.total > shown
      ? trans.__('%1 of %2 shown; type to find the others.', shown, told.total)
      : trans._n('%1 language model.', '%1 language models.', told.total);
  return [count, busy && trans.__('Asking providers…')].filter(Boolean).join(' ');
}

interface NothingProps {
  told: LlmsTold;
  pick: (word: string) => void;
  /** A server that tells no list may know the name that was typed. */
  use: (() => void) | null;
  children: string;
}

function Nothing({ told, pick, use, children }: NothingProps): JSX.Element {
  const trans = useTrans();
  return (
    <div>
      <p>{trans.__('No language model has these words.')}</p>
      <div className="mlc-buttons">
        {told.close?.map(one => (
          <button key={one} type="button" className="mlc-mini" onClick={() => pick(one)}>
            {one}
          </button>
        ))}
        {use && (
          <button type="button" className="mlc-button mlc-plain-button" onClick={use}>
            {children}
          </button>
        )}
      </div>
    </div>
  );
}

/** Providers that no question can go to now, and why. */
function Others({ providers }: { providers: readonly ProviderInfo[] }): JSX.Element | null {
  const trans = useTrans();
  return providers.length ? (
    <details className="mlc-providers">
      <summary>{trans._n("%1 provider can't be used now", "%1 providers can't be used now", providers.length)}</summary>
      <ul>
        {providers.map(one => (
          <li key={one.name}>
            <span>{one.title}</span> <Health provider={one} />
            <Trouble provider={one} />
          </li>
        ))}
      </ul>
    </details>
  ) : null;
}
