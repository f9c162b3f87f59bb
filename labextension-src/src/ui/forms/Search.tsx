/** Finding an input that a form does not show, among thousands. */
import * as React from 'react';
import type { Field } from '../../protocol.gen';
import { useTrans } from '../trans';

const FOUND = 8;

interface Props {
  id: string;
  fields: readonly Field[];
  /** How many inputs there are that neither the form nor `fields` has. */
  unlisted: number;
  add: (field: Field) => void;
}

export function Search({ id, fields, unlisted, add }: Props): JSX.Element {
  const trans = useTrans();
  const [text, setText] = React.useState('');
  const wanted = text.trim();
  const found = wanted ? matching(fields, wanted) : [];
  const shown = found.slice(0, FOUND);
  const unknown = wanted && unlisted > 0 && !found.some(field => field.name === wanted);
  const take = (field: Field): void => {
    add(field);
    setText('');
  };
  return (
    <div className="mlc-find">
      <label htmlFor={id}>{trans._n('One other input', '%1 other inputs', fields.length + unlisted)}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder={trans.__('find one by its name')}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            // It must not send the form.
            event.preventDefault();
            if (shown.length) {
              take(shown[0]);
            }
          }
        }}
      />
      <small role="status">
        {!wanted
          ? ''
          : found.length > FOUND
            ? trans.__('%1 of %2 are shown.', FOUND, found.length)
            : trans._n('One was found.', '%1 were found.', found.length)}
      </small>
      {shown.map(field => (
        <button key={field.name} type="button" className="mlc-mini" onClick={() => take(field)}>
          {field.name}
        </button>
      ))}
      {unknown && (
        <button type="button" className="mlc-mini" onClick={() => take({ name: wanted, kind: 'text', required: false })}>
          {trans.__('Use the name “%1”', wanted)}
        </button>
      )}
    </div>
  );
}

/** Those that begin with it come first, and one that is called so before them. */
export function matching(fields: readonly Field[], text: string): Field[] {
  const wanted = text.toLowerCase();
  const rank = (field: Field): number => {
    const name = field.name.toLowerCase();
    return name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2;
  };
  return fields.filter(field => field.name.toLowerCase().includes(wanted)).sort((a, b) => rank(a) - rank(b));
}
