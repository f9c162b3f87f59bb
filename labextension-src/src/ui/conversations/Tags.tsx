/** Small tags under the title: which llm answers and whose it is, which conversation this is and how it is reached. */
import * as React from 'react';
import { useApp } from '../app';
import { hasSheet } from '../sheets/sheets';
import type { Conversation } from '../state/state';
import { useTrans } from '../trans';
import { llmParts } from './words';

const SHORT_ID = 6;

export function Tags({ conversation }: { conversation: Conversation }): JSX.Element {
  const { host, open } = useApp();
  const trans = useTrans();
  const { id, info, turns } = conversation;
  const answered = [...turns].reverse().find(turn => turn.llm)?.llm;
  const { provider, llm } = llmParts(info?.llm || answered || '');
  const way = host.api ? trans.__('straight to the server') : trans.__('through the kernel');
  return (
    <>
      {hasSheet(host, 'llm') ? (
        <button
          type="button"
          className="mlc-tag"
          title={info?.llm || trans.__('As the settings say')}
          aria-label={trans.__('Language model: %1', llm || trans.__('as the settings say'))}
          onClick={() => open('llm')}
        >
          {llm || trans.__('default llm')}
        </button>
      ) : (
        llm && <span className="mlc-tag">{llm}</span>
      )}
      {provider && (
        <span className="mlc-tag" title={trans.__('Provider')}>
          {provider}
        </span>
      )}
      <span className="mlc-tag" title={trans.__('Conversation %1, connected %2', id, way)}>
        {id.slice(0, SHORT_ID)} {host.api ? '' : trans.__('through the kernel')}
      </span>
    </>
  );
}
