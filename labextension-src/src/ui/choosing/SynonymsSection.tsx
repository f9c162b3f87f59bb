/** What was meant by questions of this notebook: kept by "I meant…", and forgotten here. */
import * as React from 'react';
import type { Synonym } from '../../protocol.gen';
import { useTrans } from '../trans';
import { Section } from './section';
import type { Chosen } from './useChoices';

export function SynonymsSection({ synonyms, obey }: { synonyms: readonly Synonym[]; obey: Chosen['obey'] }): JSX.Element {
  const trans = useTrans();
  const list = React.useRef<HTMLDivElement>(null);
  return (
    <Section title={trans.__('What you meant in this notebook')}>
      <div ref={list} tabIndex={-1} className="mlc-synonyms">
        {synonyms.length === 0 && (
          <p className="mlc-muted">{trans.__('Nothing yet. “I meant…” below an answer of the built-in engine keeps it here.')}</p>
        )}
        <ul>
          {synonyms.map(({ turn, said, meant }) => (
            <li key={turn}>
              <span>{trans.__('“%1” is read as “%2”', said, meant)}</span>
              <button
                type="button"
                className="mlc-mini"
                aria-label={trans.__('Forget what “%1” means', said)}
                onClick={() => {
                  // This button goes with what it forgets.
                  list.current?.focus();
                  void obey({ type: 'synonym.delete', turn });
                }}
              >
                {trans.__('Forget')}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}
