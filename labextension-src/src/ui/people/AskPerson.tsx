/** Ask for a person: with a note, through the assistant or directly, read along by it or not. */
import * as React from 'react';
import type { ConversationId } from '../../protocol.gen';
import { useTrans } from '../trans';
import type { Draft } from '../wire/commands';

export function AskPerson({ conversation, send }: { conversation: ConversationId; send: (draft: Draft) => void }): JSX.Element {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const [note, setNote] = React.useState('');
  const [direct, setDirect] = React.useState(false);
  const [observe, setObserve] = React.useState(true);
  const box = React.useRef<HTMLTextAreaElement>(null);
  React.useEffect(() => {
    if (open) {
      box.current?.focus();
    }
  }, [open]);
  if (!open) {
    return (
      <button type="button" className="mlc-mini" aria-expanded={false} onClick={() => setOpen(true)}>
        {trans.__('Ask a person')}
      </button>
    );
  }
  return (
    <form
      className="mlc-ask-person"
      aria-label={trans.__('Ask a person')}
      onSubmit={event => {
        event.preventDefault();
        send({ type: 'expert.request', conversation, text: note.trim(), mode: direct ? 'direct' : 'expert', observe: !direct || observe });
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          setOpen(false);
        }
      }}
    >
      <p>{trans.__('Whoever joins reads this conversation, results of tools included.')}</p>
      <textarea
        ref={box}
        rows={2}
        maxLength={2000}
        aria-label={trans.__('What is it about?')}
        placeholder={trans.__('What is it about?')}
        value={note}
        onChange={event => setNote(event.currentTarget.value)}
      />
      <Check label={trans.__('Directly, with no assistant in between')} on={direct} set={setDirect} />
      {direct && <Check label={trans.__('The assistant may read it later')} on={observe} set={setObserve} />}
      <div className="mlc-buttons">
        <button type="submit" className="mlc-button">
          {trans.__('Ask')}
        </button>
        <button type="button" className="mlc-button mlc-plain-button" onClick={() => setOpen(false)}>
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}

function Check({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }): JSX.Element {
  return (
    <label>
      <input type="checkbox" checked={on} onChange={event => set(event.currentTarget.checked)} /> {label}
    </label>
  );
}
