/** A title while it is changed: Enter or leaving it takes it, Escape leaves it as it was. */
import * as React from 'react';
import { type ConversationId, MAX_TITLE } from '../../protocol.gen';
import { useApp } from '../app';
import { useTrans } from '../trans';
import { asFault } from '../wire/faults';

interface Props {
  id: ConversationId;
  title: string;
  /** With the new title, where there is one. */
  done: (title?: string) => void;
}

export function Renaming({ id, title: before, done }: Props): JSX.Element {
  const { ask } = useApp();
  const trans = useTrans();
  const field = React.useRef<HTMLInputElement>(null);
  const ended = React.useRef(false);
  const [wrong, setWrong] = React.useState('');
  React.useEffect(() => field.current?.select(), []);
  const end = (title?: string): void => {
    ended.current = true;
    done(title);
  };
  const take = async (): Promise<void> => {
    const title = field.current?.value.trim() ?? '';
    if (ended.current) {
      return;
    }
    if (!title || title === before) {
      end();
      return;
    }
    try {
      await ask({ type: 'conversation.update', conversation: id, title }, 'accepted');
      end(title);
    } catch (thrown) {
      setWrong(asFault(thrown).message);
    }
  };
  return (
    <span className="mlc-renaming">
      <input
        ref={field}
        className="mlc-input"
        aria-label={trans.__('Title')}
        aria-invalid={wrong !== ''}
        defaultValue={before.slice(0, MAX_TITLE)}
        maxLength={MAX_TITLE}
        onBlur={() => void take()}
        onKeyDown={event => {
          if (event.key === 'Enter' || event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            event.key === 'Enter' ? void take() : end();
          }
        }}
      />
      {wrong && <span className="mlc-error">{wrong}</span>}
    </span>
  );
}
