/** All that is known of one language model. */
import * as React from 'react';
import type { LlmInfo, ProviderInfo } from '../../protocol.gen';
import { type Trans, useTrans } from '../trans';
import { bytes, price, tokens } from './amounts';
import { Health, Trouble } from './health';

interface Props {
  llm: LlmInfo;
  provider: ProviderInfo | undefined;
  children: React.ReactNode;
}

export function LlmCard({ llm, provider, children }: Props): JSX.Element {
  const trans = useTrans();
  const facts = factsOf(llm, trans);
  const unknown = facts.filter(([, value]) => value === null).map(([name]) => name);
  return (
    <section className="mlc-llm-card" aria-label={trans.__('Details of %1', llm.id)}>
      <h3>{llm.name}</h3>
      {llm.description && <p className="mlc-muted">{llm.description}</p>}
      <dl>
        <dt>{trans.__('Provider')}</dt>
        <dd>
          {provider?.title ?? llm.provider} {provider && <Health provider={provider} />}
        </dd>
        {facts
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
        {unknown.length > 0 && (
          <>
            <dt>{trans.__('Not known')}</dt>
            <dd className="mlc-muted">{unknown.join(', ').toLowerCase()}</dd>
          </>
        )}
      </dl>
      {provider && !provider.usable && <Trouble provider={provider} />}
      <div className="mlc-buttons">{children}</div>
    </section>
  );
}

function factsOf(llm: LlmInfo, trans: Trans): [string, string | null][] {
  return [
    [trans.__('Parameters'), llm.parameters || null],
    [trans.__('Quantization'), llm.quantization || null],
    [trans.__('Size'), bytes(llm.size)],
    [trans.__('Context'), tokens(llm.context_length, trans)],
    [trans.__('Longest answer'), tokens(llm.max_tokens, trans)],
    [trans.__('Price'), price(llm.price_in, llm.price_out, trans)],
    [trans.__('Can do'), llm.capabilities?.join(', ') || null]
  ];
}
