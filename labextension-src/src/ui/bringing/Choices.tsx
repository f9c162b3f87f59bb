/** The list under way to a name or command. The focus stays in the text; the list only follows. */
import * as React from 'react';
import { useTrans } from '../trans';
import type { Choice } from './completing';

interface Props {
  id: string;
  label: string;
  shown: readonly Choice[];
  more: number;
  at: number;
  take: (choice: Choice) => void;
}

export const optionId = (list: string, at: number): string => `${list}-${at}`;

export function Choices({ id, label, shown, more, at, take }: Props): JSX.Element {
  const trans = useTrans();
  const list = React.useRef<HTMLUListElement>(null);
  React.useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [at, shown]);
  return (
    <div className="mlc-choices">
      <ul id={id} role="listbox" aria-label={label} ref={list}>
        {shown.map((choice, index) => (
          <li
            key={`${choice.kind} ${choice.label}`}
            id={optionId(id, index)}
            role="option"
            aria-selected={index === at}
            // Before the text loses the focus.
            onMouseDown={event => {
              event.preventDefault();
              take(choice);
            }}
          >
            <code>{choice.label}</code>
            <span className="mlc-muted">{[choice.kind, choice.about].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <small className="mlc-muted">{trans.__('%1 more: go on typing', more)}</small>}
    </div>
  );
}
