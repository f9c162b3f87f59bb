/** How much of the conversation goes along with a question. */
import * as React from 'react';
import { useTrans } from '../trans';
import { numberOf, problemWith } from './bounds';
import { isLocked, Section, type SectionProps } from './section';
import { Setting, Switch } from './Setting';

const TURNS = { minimum: 1, maximum: 1000, whole: true };
/** What the switch gives where the settings have no memory. */
const SOME = 10;

export function MemorySection({ choices, info, change }: SectionProps): JSX.Element {
  const trans = useTrans();
  const holds = choices.memory?.turns ?? 0;
  const own = info.memory?.turns ?? null;
  const [typed, setTyped] = React.useState(`${holds}`);
  React.useEffect(() => setTyped(`${holds}`), [holds]);
  const locked = isLocked(choices, 'memory');
  const problem = problemWith(typed, TURNS, trans);
  const take = (): void => {
    const turns = numberOf(typed);
    if (!problem && turns !== holds) {
      void change({ memory: { turns } });
    }
  };
  return (
    <Section title={trans.__('Memory')} locked={locked}>
      <Switch
        label={trans.__('Send earlier turns along')}
        help={trans.__('Without them every question stands alone.')}
        on={holds > 0}
        disabled={locked}
        // Taken back where it was this conversation that had none.
        onChange={on => void change({ memory: { turns: on ? (own === 0 ? null : SOME) : 0 } })}
      />
      {holds > 0 && (
        <>
          <Setting
            label={trans.__('Earlier turns')}
            help={own === null ? trans.__('As configured.') : ''}
            problem={problem}
            control={wiring => (
              <input
                {...wiring}
                type="text"
                inputMode="numeric"
                autoComplete="off"
                disabled={locked}
                value={typed}
                onChange={event => setTyped(event.target.value)}
                onBlur={take}
                onKeyDown={event => event.key === 'Enter' && take()}
              />
            )}
          />
          <Switch
            label={trans.__('Sum up what does not fit')}
            help={trans.__('In the words of the language model that answers here; that costs a request now and then.')}
            on={choices.memory?.summaries ?? false}
            disabled={locked}
            onChange={summaries => void change({ memory: { summaries } })}
          />
        </>
      )}
    </Section>
  );
}
