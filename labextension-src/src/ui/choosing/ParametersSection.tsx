/** How the language model words: numbers within what it takes, and a person's own wishes. */
import * as React from 'react';
import type { Bound, NumberName, Parameters } from '../../protocol.gen';
import { type Trans, useTrans } from '../trans';
import { grouped, numberOf, problemWith } from './bounds';
import { isLocked, Section, type SectionProps } from './section';
import { Setting } from './Setting';

const MAX_SYSTEM = 8000;

type Typed = { readonly [name in keyof Parameters]-?: string };

/** What is chosen, as text; nothing for what is left to the settings. */
export function typedOf(parameters: Parameters = {}): Typed {
  const text = (value: string | number | null | undefined): string => (value ?? '') + '';
  const { temperature, max_tokens, top_p, top_k, system } = parameters;
  return {
    temperature: text(temperature),
    max_tokens: text(max_tokens),
    top_p: text(top_p),
    top_k: text(top_k),
    system: text(system)
  };
}

/** What `typed` changes of `before`: null for what is taken back. */
export function changesOf(before: Typed, typed: Typed): { [name: string]: number | string | null } {
  const names = (Object.keys(typed) as (keyof Typed)[]).filter(name => typed[name].trim() !== before[name].trim());
  return Object.fromEntries(
    names.map(name => [name, name === 'system' ? typed.system.trim() || null : numberOf(typed[name])])
  );
}

export function ParametersSection({ choices, info, change }: SectionProps): JSX.Element {
  const trans = useTrans();
  const before = React.useMemo(() => typedOf(info.parameters), [JSON.stringify(info.parameters ?? {})]);
  const [typed, setTyped] = React.useState(before);
  React.useEffect(() => setTyped(before), [before]);
  const locked = isLocked(choices, 'parameters');
  const changes = changesOf(before, typed);
  const tooLong = [...typed.system].length > MAX_SYSTEM;
  const wrong = tooLong || choices.bounds.some(bound => problemWith(typed[bound.name], bound, trans));
  return (
    <Section title={trans.__('Parameters')} locked={locked}>
      <form
        onSubmit={event => {
          event.preventDefault();
          if (!wrong) {
            void change({ parameters: changes });
          }
        }}
      >
        {choices.bounds.map(bound => (
          <Setting
            key={bound.name}
            label={labels(trans)[bound.name]}
            help={helpOf(bound, choices.llm ?? '', trans)}
            problem={problemWith(typed[bound.name], bound, trans)}
            control={wiring => (
              <input
                {...wiring}
                type="text"
                inputMode="decimal"
                autoComplete="off"
                placeholder={trans.__('as configured')}
                disabled={locked}
                value={typed[bound.name]}
                onChange={event => setTyped({ ...typed, [bound.name]: event.target.value })}
              />
            )}
          />
        ))}
        <Setting
          label={trans.__('Your wishes')}
          help={trans.__('Goes along with every question here, such as: answer in German.')}
          problem={tooLong ? trans.__('At most %1 characters.', grouped(MAX_SYSTEM)) : ''}
          control={wiring => (
            <textarea
              {...wiring}
              rows={3}
              disabled={locked}
              value={typed.system}
              onChange={event => setTyped({ ...typed, system: event.target.value })}
            />
          )}
        />
        {!locked && (
          <div className="mlc-buttons">
            <button type="submit" className="mlc-button" disabled={wrong || !Object.keys(changes).length}>
              {trans.__('Save')}
            </button>
            <button
              type="button"
              className="mlc-button mlc-plain-button"
              disabled={!Object.values(typed).some(Boolean)}
              onClick={() => setTyped(typedOf())}
            >
              {trans.__('All as configured')}
            </button>
          </div>
        )}
      </form>
    </Section>
  );
}

function labels(trans: Trans): { [name in NumberName]: string } {
  return {
    temperature: trans.__('Temperature'),
    max_tokens: trans.__('Tokens of an answer'),
    top_p: trans.__('Top-p'),
    top_k: trans.__('Top-k')
  };
}

function helpOf(bound: Bound, llm: string, trans: Trans): string {
  const range = trans.__('%1 to %2', grouped(bound.minimum), grouped(bound.maximum));
  return bound.taken === false && llm ? trans.__('%1; not sent to `%2`', range, llm) : range;
}
