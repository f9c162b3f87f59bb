/** What goes along with the message: each can be opened and taken away. */
import * as React from 'react';
import { useTrans } from '../trans';
import { type Attached, keyOf, labelOf, wayOf } from './attached';
import { type Files, type Incoming, megabytes } from './files';

interface Props {
  attached: readonly Attached[];
  files: Files;
  remove: (one: Attached) => void;
  /** Absent where the notebook can't be reached. */
  reveal?: (cell: string) => void;
}

export function Chips({ attached, files, remove, reveal }: Props): JSX.Element | null {
  const trans = useTrans();
  const [opened, setOpened] = React.useState('');
  const open = attached.find(one => keyOf(one) === opened);
  React.useEffect(() => {
    if (!open) {
      setOpened('');
    }
  }, [open]);
  if (!attached.length && !files.incoming.length) {
    return null;
  }
  return (
    <div className="mlc-brought">
      <ul className="mlc-chips" aria-label={trans.__('Attached')}>
        {attached.map(one => {
          const label = labelOf(one, trans);
          const key = keyOf(one);
          return (
            <li key={key} className="mlc-brought" data-kind={one.kind} data-warning={one.warning}>
              <button type="button" aria-expanded={key === opened} onClick={() => setOpened(key === opened ? '' : key)}>
                {one.warning && <span aria-hidden="true">⚠ </span>}
                <bdi>{label}</bdi>
                {one.found && <span className="mlc-muted"> {one.found}</span>}
              </button>
              <Away label={trans.__('Take %1 away', label)} act={() => remove(one)} />
            </li>
          );
        })}
        {files.incoming.map(one => (
          <Coming key={one.key} one={one} drop={() => files.drop(one.key)} />
        ))}
      </ul>
      {open && (
        <section className="mlc-chip-open" aria-label={labelOf(open, trans)}>
          <p className="mlc-muted">{wayOf(open, trans)}</p>
          {open.text && <pre tabIndex={0}>{open.text}</pre>}
          {open.picture && <img src={open.picture} alt={labelOf(open, trans)} />}
          {open.cell && reveal && (
            <button type="button" className="mlc-mini" onClick={() => reveal(open.cell!)}>
              {trans.__('Show in the notebook')}
            </button>
          )}
        </section>
      )}
    </div>
  );
}

function Away({ label, act }: { label: string; act: () => void }): JSX.Element {
  return (
    <button type="button" className="mlc-away" aria-label={label} title={label} onClick={act}>
      ×
    </button>
  );
}

function Coming({ one, drop }: { one: Incoming; drop: () => void }): JSX.Element {
  const trans = useTrans();
  const { name, size, received, cut, fault } = one;
  const words = cut
    ? trans.__('The server is not reached; it goes on by itself.')
    : trans.__('%1 of %2', megabytes(received), megabytes(size));
  return (
    <li className="mlc-brought mlc-coming" data-state={fault ? 'failed' : cut ? 'cut' : 'sending'}>
      <bdi>{name}</bdi>
      {fault ? (
        <span className="mlc-error" role="alert">
          {fault.message} {fault.hint}
        </span>
      ) : (
        <>
          <progress aria-label={trans.__('Sending %1', name)} max={size} value={received} />
          <small className="mlc-muted">{words}</small>
        </>
      )}
      <Away label={fault ? trans.__('Take %1 away', name) : trans.__('Cancel %1', name)} act={drop} />
    </li>
  );
}
