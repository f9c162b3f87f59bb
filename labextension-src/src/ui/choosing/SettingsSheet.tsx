/** Everything that this conversation has chosen about its answers, and what it has cost. */
import * as React from 'react';
import type { SheetProps } from '../sheets/sheets';
import { FaultLine } from '../turns/FaultLine';
import { useTrans } from '../trans';
import { AnswersSection } from './AnswersSection';
import { MemorySection } from './MemorySection';
import { ParametersSection } from './ParametersSection';
import { PolicySection } from './PolicySection';
import { SpendingSection } from './SpendingSection';
import { SynonymsSection } from './SynonymsSection';
import { currentOf, useChoices } from './useChoices';

export function SettingsSheet({ chat }: SheetProps): JSX.Element {
  const trans = useTrans();
  const { choices, fault, reload, change, obey } = useChoices(chat);
  const conversation = currentOf(chat);
  if (conversation === null) {
    return <p className="mlc-muted">{trans.__('There is no conversation yet. Open a notebook, or ask something.')}</p>;
  }
  // Those of the conversation before are not shown as this one's.
  if (choices?.info?.id !== conversation) {
    return fault ? (
      <FaultLine fault={fault}>
        <button type="button" className="mlc-mini" onClick={reload}>
          {trans.__('Try again')}
        </button>
      </FaultLine>
    ) : (
      <p className="mlc-muted">{trans.__('Asking what there is to choose…')}</p>
    );
  }
  const props = { choices, info: choices.info, change };
  return (
    <div className="mlc-settings" key={conversation}>
      {fault && <FaultLine fault={fault} />}
      <AnswersSection {...props} />
      <ParametersSection {...props} />
      <MemorySection {...props} />
      <PolicySection {...props} />
      {choices.info.notebook && <SynonymsSection synonyms={choices.synonyms ?? []} obey={obey} />}
      <SpendingSection budgets={choices.budgets ?? []} />
    </div>
  );
}
