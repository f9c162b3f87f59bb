/** What tools may do in this conversation. What was allowed for good is taken back here; allowing is done where asked. */
import * as React from 'react';
import type { Decision, Effect } from '../../protocol.gen';
import { type Trans, useTrans } from '../trans';
import { isLocked, Section, type SectionProps } from './section';
import { Select, Setting } from './Setting';

export function PolicySection({ choices, info, change }: SectionProps): JSX.Element {
  const trans = useTrans();
  const locked = isLocked(choices, 'policy');
  const effects = Object.keys(choices.policy ?? {}) as Effect[];
  return (
    <Section title={trans.__('What tools may do')} locked={locked}>
      {effects.map(effect => {
        const own = info.levels?.[effect];
        const capped = choices.capped?.includes(effect) ?? false;
        return (
          <div key={effect} className="mlc-effect" data-own={own ?? ''}>
            <Setting
              label={namesOf(trans)[effect] ?? effect}
              help={
                capped
                  ? trans.__('Not permitted by your administrator (`max_effects`).')
                  : decisionsOf(trans)[choices.policy?.[effect] ?? 'ask']
              }
              control={wiring => (
                <Select
                  own={wiring}
                  value={capped ? 'deny' : (own ?? '')}
                  disabled={locked || capped}
                  options={[
                    { value: '', label: trans.__('as usual') },
                    ...(own === 'allow' ? [{ value: 'allow', label: trans.__('always allowed here') }] : []),
                    { value: 'ask', label: trans.__('ask each time') },
                    { value: 'deny', label: trans.__('never') }
                  ]}
                  onChange={level => void change({ levels: { [effect]: level || null } })}
                />
              )}
            />
            {own === 'allow' && !locked && (
              <button type="button" className="mlc-mini" onClick={() => void change({ levels: { [effect]: null } })}>
                {trans.__('Take back')}
              </button>
            )}
          </div>
        );
      })}
    </Section>
  );
}

function namesOf(trans: Trans): { [effect in Effect]: string } {
  return {
    read: trans.__('Read the kernel'),
    predict: trans.__('Call models'),
    write: trans.__('Change the kernel'),
    disclose: trans.__('Show raw rows'),
    execute: trans.__('Run code')
  };
}

function decisionsOf(trans: Trans): { [decision in Decision]: string } {
  return {
    allow: trans.__('Done without asking.'),
    ask: trans.__('You are asked each time.'),
    deny: trans.__('Not done here.')
  };
}
