/** One line to write below an answer. Escape leaves it. */
import * as React from 'react';

interface Props {
  label: string;
  placeholder: string;
  /** On the button. */
  act: string;
  text?: string;
  most?: number;
  /** May it be empty? */
  optional?: boolean;
  take: (text: string) => void;
  close: () => void;
  children?: React.ReactNode;
}

export function WordForm(props: Props): JSX.Element {
  const { label, placeholder, act, most, optional = false, take, close, children } = props;
  const [text, setText] = React.useState(props.text ?? '');
  const ready = optional || text.trim() !== '';
  return (
    <form
      className="mlc-word"
      onSubmit={event => {
        event.preventDefault();
        if (ready) {
          take(text.trim());
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          close();
        }
      }}
    >
      <input
        aria-label={label}
        title={label}
        placeholder={placeholder}
        maxLength={most}
        autoFocus
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      <button type="submit" className="mlc-mini" disabled={!ready}>
        {act}
      </button>
      {children}
    </form>
  );
}
