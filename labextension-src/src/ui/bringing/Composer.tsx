/** Where a message is written. One key sends, which one is a setting; others begin a line. */
import * as React from 'react';
import { sends, useSettings } from '../settings';
import { problemOf } from '../wire/limit';

interface Props {
  /** The id of what says where a message goes. */
  describedBy: string;
  running: boolean;
  onSend: (text: string) => void;
  /** Whoever waits for this message wants to know. */
  onTyping: () => void;
  onStop: () => void;
}

export function Composer({ describedBy, running, onSend, onTyping, onStop }: Props): JSX.Element {
  const [text, setText] = React.useState('');
  const box = React.useRef<HTMLTextAreaElement>(null);
  const problem = React.useMemo(() => problemOf(text), [text]);
  const settings = useSettings();
  const ready = text.trim() !== '' && !problem;

  React.useLayoutEffect(() => {
    const area = box.current;
    if (area) {
      // As tall as its text, within what the style sheet allows.
      area.style.height = 'auto';
      area.style.height = `${text.length > 20_000 ? 400 : area.scrollHeight + 2}px`;
    }
  }, [text]);

  const send = (): void => {
    if (ready) {
      onSend(text);
      setText('');
    }
  };

  return (
    <form
      className="mlc-composer"
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        aria-label="Message"
        aria-describedby={describedBy}
        aria-invalid={problem !== ''}
        rows={2}
        value={text}
        placeholder="Ask about your models and data"
        onChange={event => {
          setText(event.target.value);
          onTyping();
        }}
        onKeyDown={event => {
          if (sends(settings, event)) {
            event.preventDefault();
            send();
          }
        }}
      />
      <div className="mlc-buttons">
        {running && (
          <button type="button" className="mlc-button mlc-stop" onClick={onStop} title="Stop the answer (Esc)">
            Stop
          </button>
        )}
        <button type="submit" className="mlc-button" disabled={!ready} title="Send (Enter)">
          Send
        </button>
      </div>
      {problem && (
        <p className="mlc-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
