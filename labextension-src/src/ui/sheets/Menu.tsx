/** The button that lists the pages, and whatever else is in the menu. */
import * as React from 'react';
import { useTrans } from '../trans';

export interface MenuItem {
  name: string;
  label: string;
  act: () => void;
}

interface Props {
  items: readonly MenuItem[];
  label?: string;
  sign?: string;
  /** Called when it opens, for items that are made then. */
  opens?: () => void;
}

export function Menu({ items, label, sign = '⋯', opens }: Props): JSX.Element | null {
  const trans = useTrans();
  const name = label ?? trans.__('More');
  const [open, setOpen] = React.useState(false);
  const place = React.useRef<HTMLDivElement>(null);
  const button = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    if (open) {
      place.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    }
  }, [open]);
  if (!items.length && !opens) {
    return null;
  }
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const step = (by: number): void => {
    const all = [...(place.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[(at + by + all.length) % all.length]?.focus();
  };
  return (
    <div
      className="mlc-menu"
      ref={place}
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          setOpen(false);
        }
      }}
      onKeyDown={event => {
        const moves: { [key: string]: () => void } = {
          Escape: close,
          ArrowDown: () => step(1),
          ArrowUp: () => step(-1)
        };
        if (open && moves[event.key]) {
          event.preventDefault();
          event.stopPropagation();
          moves[event.key]();
        }
      }}
    >
      <button
        type="button"
        className="mlc-mini"
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={name}
        title={name}
        onClick={() => {
          setOpen(!open);
          opens?.();
        }}
      >
        {sign}
      </button>
      {open && (
        <div className="mlc-menu-list" role="menu" aria-label={name}>
          {!items.length && <p className="mlc-muted">{trans.__('Nothing now')}</p>}
          {items.map(item => (
            <button
              key={item.name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                item.act();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
