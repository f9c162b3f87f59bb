/** What this conversation and this day have taken, and what is left of their budgets. */
import * as React from 'react';
import type { BudgetState } from '../../protocol.gen';
import { type Trans, useTrans } from '../trans';
import { dollars, short } from './amounts';
import { Section } from './section';

export function SpendingSection({ budgets }: { budgets: readonly BudgetState[] }): JSX.Element {
  const trans = useTrans();
  return (
    <Section title={trans.__('Spent')}>
      <ul className="mlc-spent">
        {budgets.map(budget => (
          <li key={budget.scope}>
            <strong>{scopesOf(trans)[budget.scope]}</strong>
            {linesOf(budget, trans).map(({ unit, text, share }) => (
              <div key={unit}>
                {text}
                {share !== null && (
                  <meter min={0} max={1} high={0.8} optimum={0} value={share} aria-label={text}>
                    {Math.round(share * 100)} %
                  </meter>
                )}
              </div>
            ))}
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface Line {
  unit: string;
  text: string;
  /** How much of the limit is taken; null without one. */
  share: number | null;
}

/** Of tokens and of money: what is spent, and with a limit what is left of it. */
export function linesOf({ spent, tokens, spent_usd, usd }: BudgetState, trans: Trans): Line[] {
  return [
    line('tokens', spent, tokens, {
      spent: amount => trans.__('%1 tokens', short(amount)),
      most: limit => trans.__('at most %1 tokens', short(limit)),
      left: (amount, limit, left) => trans.__('%1 of %2 tokens, %3 left', short(amount), short(limit), short(left))
    }),
    line('usd', spent_usd, usd, {
      spent: amount => dollars(amount) ?? '',
      most: limit => trans.__('at most %1', dollars(limit)),
      left: (amount, limit, left) => trans.__('%1 of %2, %3 left', dollars(amount), dollars(limit), dollars(left))
    })
  ].filter(one => one.text);
}

interface Say {
  spent: (amount: number) => string;
  most: (limit: number) => string;
  left: (amount: number, limit: number, left: number) => string;
}

function line(unit: string, spent: number | null | undefined, limit: number | null | undefined, say: Say): Line {
  const known = typeof spent === 'number';
  if (typeof limit !== 'number') {
    return { unit, text: known ? say.spent(spent) : '', share: null };
  }
  if (!known) {
    return { unit, text: say.most(limit), share: null };
  }
  const text = say.left(spent, limit, Math.max(0, limit - spent));
  return { unit, text, share: limit > 0 ? Math.min(1, spent / limit) : 1 };
}

function scopesOf(trans: Trans): { [scope in BudgetState['scope']]: string } {
  return {
    turn: trans.__('One question'),
    conversation: trans.__('This conversation'),
    day: trans.__('Today')
  };
}
