/** A prompt of one's own, while it is written. */
import * as React from 'react';
import type { FaultRecord, Prompt } from '../../protocol.gen';
import { FaultLine } from '../turns/FaultLine';
import { type Trans, useTrans } from '../trans';
import { Setting } from './Setting';

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

interface Props {
  prompt: Prompt;
  isNew: boolean;
  /** Why it was not taken. */
  fault: FaultRecord | null;
  cancel: () => void;
  save: (prompt: Prompt) => void;
}

export function PromptEditor({ prompt, isNew, fault, cancel, save }: Props): JSX.Element {
  const trans = useTrans();
  const [written, setWritten] = React.useState(prompt);
  const area = React.useRef<HTMLTextAreaElement>(null);
  const form = React.useRef<HTMLFormElement>(null);
  React.useEffect(() => form.current?.querySelector<HTMLElement>('input, textarea')?.focus(), []);
  const name = written.name.trim().toLowerCase();
  const problem =
    name && !NAME.test(name) ? trans.__('Letters, digits, - and _ alone, such as weekly-report.') : '';
  const insert = (placeholder: string): void => {
    const [from, to] = [area.current?.selectionStart ?? 0, area.current?.selectionEnd ?? 0];
    const text = written.text.slice(0, from) + placeholder + written.text.slice(to);
    setWritten({ ...written, text });
    area.current?.focus();
  };
  return (
    <form
      ref={form}
      className="mlc-prompt-editor"
      aria-label={isNew ? trans.__('New prompt') : trans.__('The prompt %1', prompt.name)}
      onSubmit={event => {
        event.preventDefault();
        save({ ...written, name });
      }}
    >
      {isNew ? (
        <Setting
          label={trans.__('Name')}
          problem={problem}
          control={wiring => (
            <input
              {...wiring}
              type="text"
              autoComplete="off"
              value={written.name}
              onChange={event => setWritten({ ...written, name: event.target.value })}
            />
          )}
        />
      ) : (
        <h3>{prompt.name}</h3>
      )}
      <Setting
        label={trans.__('Description')}
        control={wiring => (
          <input
            {...wiring}
            type="text"
            autoComplete="off"
            maxLength={200}
            value={written.description ?? ''}
            onChange={event => setWritten({ ...written, description: event.target.value })}
          />
        )}
      />
      <Setting
        label={trans.__('Text')}
        help={trans.__('What you wish of answers. It comes after the rules that every language model gets.')}
        control={wiring => (
          <textarea
            {...wiring}
            ref={area}
            rows={7}
            value={written.text}
            onChange={event => setWritten({ ...written, text: event.target.value })}
          />
        )}
      />
      <dl className="mlc-placeholders" aria-label={trans.__('Placeholders')}>
        {placeholdersOf(trans).map(([placeholder, meaning]) => (
          <React.Fragment key={placeholder}>
            <dt>
              <button type="button" className="mlc-mini" onClick={() => insert(placeholder)}>
                <code>{placeholder}</code>
              </button>
            </dt>
            <dd>{meaning}</dd>
          </React.Fragment>
        ))}
      </dl>
      {fault && <FaultLine fault={fault} />}
      <div className="mlc-buttons">
        <button type="submit" className="mlc-button" disabled={!name || problem !== '' || !written.text.trim()}>
          {trans.__('Save')}
        </button>
        <button type="button" className="mlc-button mlc-plain-button" onClick={cancel}>
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}

/** What is filled in when a question is asked. */
function placeholdersOf(trans: Trans): [string, string][] {
  return [
    ['{models}', trans.__('the models in the kernel, with their classes')],
    ['{frames}', trans.__('the dataframes in the kernel')],
    ['{notebook}', trans.__("the notebook's file name")],
    ['{kernel}', trans.__('whether the kernel can be looked into')],
    ['{date}', trans.__('today, as 2026-01-31')]
  ];
}
