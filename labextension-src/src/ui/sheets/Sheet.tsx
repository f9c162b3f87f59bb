/** The frame of a page over the log. Escape and its button close it; the focus goes back to where it came from. */
import * as React from 'react';
import { useTrans } from '../trans';

interface Props {
  title: string;
  close: () => void;
  children: React.ReactNode;
}

export function Sheet({ title, close, children }: Props): JSX.Element {
  const trans = useTrans();
  const frame = React.useRef<HTMLElement>(null);
  React.useEffect(() => {
    const before = document.activeElement;
    frame.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  return (
    <section
      className="mlc-sheet"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      ref={frame}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          close();
        }
      }}
    >
      <header className="mlc-sheet-head">
        <h2>{title}</h2>
        <button type="button" className="mlc-mini" onClick={close}>
          {trans.__('Close')}
        </button>
      </header>
      <div className="mlc-sheet-body">{children}</div>
    </section>
  );
}
