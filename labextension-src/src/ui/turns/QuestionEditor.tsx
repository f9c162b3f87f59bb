/** A question that is being written anew in its own place. The key of the settings sends, Escape leaves it as it was. */
import * as React from 'react';
import { sends, useSettings } from '../settings';
import { useTrans } from '../trans';
import { problemOf } from '../wire/limit';

interface Props {
  text: string;
  send: (text: string) => void;
  close: () => void;
}

export function QuestionEditor({ text: before, send, close }: Props): JSX.Element {
  const trans = useTrans();
  const settings = useSettings();
  const [text, setText] = React.useState(before);
  const area = React.useRef<HTMLTextAreaElement>(null);
  const problem = React.useMemo(() => problemOf(text), [text]);
  const ready = text.trim() !== '' && !problem;
  React.useEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(before.length, before.length);
  }, [before]);
  return (
    <form
      className="mlc-editor"
      aria-label={trans.__('Edit the question')}
      onSubmit={event => {
        event.preventDefault();
        if (ready) {
          send(text);
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          close();
        } else if (event.target === area.current && sends(settings, event)) {
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }
      }}
    >
      <textarea
        ref={area}
        aria-label={trans.__('Your question')}
        aria-invalid={problem !== ''}
        rows={Math.min(8, text.split('\n').length + 1)}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      {problem && (
        <p className="mlc-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="mlc-buttons">
        <button type="submit" className="mlc-button" disabled={!ready}>
          {trans.__('Ask again')}
        </button>
        <button type="button" className="mlc-button mlc-plain-button" onClick={close}>
          {trans.__('Cancel')}
        </button>
      </div>
    </form>
  );
}
