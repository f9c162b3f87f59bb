/** Prompts: everybody's to read and to begin with, one's own to add, change and delete. */
import * as React from 'react';
import type { Prompt } from '../../protocol.gen';
import { useApp } from '../app';
import type { SheetProps } from '../sheets/sheets';
import { FaultLine } from '../turns/FaultLine';
import { useTrans } from '../trans';
import { PromptEditor } from './PromptEditor';
import { useChoices } from './useChoices';

type Edited = { prompt: Prompt; isNew: boolean };

const EMPTY: Prompt = { name: '', text: '', description: '' };

export function PromptsSheet({ chat }: SheetProps): JSX.Element {
  const trans = useTrans();
  const { open } = useApp();
  const { choices, fault, obey } = useChoices(chat);
  const [edited, setEdited] = React.useState<Edited | null>(null);
  const [doomed, setDoomed] = React.useState('');
  const add = React.useRef<HTMLButtonElement>(null);

  if (edited) {
    const { prompt, isNew } = edited;
    return (
      <PromptEditor
        prompt={prompt}
        isNew={isNew}
        fault={fault}
        cancel={() => setEdited(null)}
        save={async ({ name, text, description }) => {
          if (await obey({ type: isNew ? 'prompt.add' : 'prompt.update', name, text, description })) {
            setEdited(null);
          }
        }}
      />
    );
  }
  return (
    <div className="mlc-prompts">
      {fault && <FaultLine fault={fault} />}
      <div className="mlc-buttons">
        <button type="button" className="mlc-button" ref={add} onClick={() => setEdited({ prompt: EMPTY, isNew: true })}>
          {trans.__('New prompt')}
        </button>
        <button type="button" className="mlc-button mlc-plain-button" onClick={() => open('settings')}>
          {trans.__('Back to the choices')}
        </button>
      </div>
      {choices?.prompts.map(prompt => (
        <section key={prompt.name} className="mlc-prompt" aria-label={prompt.name}>
          <h3>
            {prompt.name} <small className="mlc-muted">{prompt.shipped ? trans.__("everybody's") : trans.__('yours')}</small>
          </h3>
          {prompt.description && <p>{prompt.description}</p>}
          <details>
            <summary>{trans.__('Text')}</summary>
            <p className="mlc-prompt-text">{prompt.text}</p>
          </details>
          <div className="mlc-buttons">
            {!prompt.shipped && (
              <button type="button" className="mlc-mini" onClick={() => setEdited({ prompt, isNew: false })}>
                {trans.__('Change')}
              </button>
            )}
            <button
              type="button"
              className="mlc-mini"
              onClick={() => setEdited({ prompt: { ...prompt, name: '' }, isNew: true })}
            >
              {trans.__('Copy to a new one')}
            </button>
            {!prompt.shipped && (
              <button
                type="button"
                className="mlc-mini"
                onBlur={() => setDoomed('')}
                onClick={() => {
                  if (doomed === prompt.name) {
                    void obey({ type: 'prompt.delete', name: prompt.name });
                    add.current?.focus();
                  } else {
                    setDoomed(prompt.name);
                  }
                }}
              >
                {doomed === prompt.name ? trans.__('Delete it for good?') : trans.__('Delete')}
              </button>
            )}
          </div>
        </section>
      ))}
    </div>
  );
}
