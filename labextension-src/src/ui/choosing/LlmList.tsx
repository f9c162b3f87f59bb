/** A search box and the list below it, one control for the keyboard: typing searches, arrows move, Enter takes. */
import * as React from 'react';
import type { LlmInfo, ProviderInfo } from '../../protocol.gen';
import { newId } from '../wire/ids';
import { useTrans } from '../trans';
import { Health } from './health';

/** So many are drawn; the search finds the others. */
export const MOST_SHOWN = 100;

interface Props {
  word: string;
  onWord: (word: string) => void;
  llms: readonly LlmInfo[];
  providers: readonly ProviderInfo[];
  /** The one that answers now. */
  inUse: string;
  /** The one that the keyboard is at, and whose card is shown. */
  active: string;
  onActive: (id: string) => void;
  onTake: (id: string) => void;
}

export function LlmList({ word, onWord, llms, providers, inUse, active, onActive, onTake }: Props): JSX.Element {
  const trans = useTrans();
  const [name] = React.useState(newId);
  const list = React.useRef<HTMLDivElement>(null);
  const groups = grouped(llms.slice(0, MOST_SHOWN), providers);
  const order = groups.flatMap(([, some]) => some);
  const at = order.findIndex(one => one.id === active);
  const idOf = (place: number): string => `${name}-${place}`;
  const step = (to: number): void => {
    const next = order[Math.max(0, Math.min(order.length - 1, to))];
    if (next) {
      onActive(next.id);
    }
  };
  React.useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const moves: { [key: string]: () => void } = {
    ArrowDown: () => step(at + 1),
    ArrowUp: () => step(at - 1),
    PageDown: () => step(at + 8),
    PageUp: () => step(at - 8),
    Enter: () => at >= 0 && onTake(active)
  };
  return (
    <>
      <input
        type="text"
        className="mlc-llm-search"
        role="combobox"
        aria-label={trans.__('Search language models')}
        aria-expanded={true}
        aria-autocomplete="list"
        aria-controls={name}
        aria-activedescendant={at >= 0 ? idOf(at) : undefined}
        placeholder={trans.__('Search by name, provider or ability')}
        autoComplete="off"
        spellCheck={false}
        value={word}
        onChange={event => onWord(event.target.value)}
        onKeyDown={event => {
          if (moves[event.key] && !event.nativeEvent.isComposing) {
            event.preventDefault();
            moves[event.key]();
          }
        }}
      />
      <div className="mlc-llm-list" role="listbox" id={name} ref={list} aria-label={trans.__('Language models')}>
        {groups.map(([provider, some]) => {
          const known = providers.find(one => one.name === provider);
          return (
            <div role="group" key={provider} aria-label={known?.title ?? provider}>
              <div className="mlc-llm-group" role="presentation">
                <span>{known?.title ?? provider}</span> {known && <Health provider={known} />}
              </div>
              {some.map(llm => (
                <div
                  key={llm.id}
                  id={idOf(order.indexOf(llm))}
                  role="option"
                  aria-selected={llm.id === active}
                  onClick={() => onActive(llm.id)}
                  onDoubleClick={() => onTake(llm.id)}
                >
                  <span>{llm.name}</span>
                  {llm.id === inUse && <small>{trans.__('in use')}</small>}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </>
  );
}

/** By provider, those first that can be used, else in the order they came in. */
export function grouped(llms: readonly LlmInfo[], providers: readonly ProviderInfo[]): [string, LlmInfo[]][] {
  const groups = new Map<string, LlmInfo[]>();
  for (const llm of llms) {
    groups.set(llm.provider, [...(groups.get(llm.provider) ?? []), llm]);
  }
  const usable = ([name]: [string, LlmInfo[]]): boolean => providers.some(one => one.name === name && one.usable);
  const all = [...groups];
  return [...all.filter(usable), ...all.filter(one => !usable(one))];
}
