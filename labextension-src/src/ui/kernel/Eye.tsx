/** Hides a variable from the chat. */
import * as React from 'react';
import { useTrans } from '../trans';

interface Props {
  names: readonly string[];
  disabled: boolean;
  hide: () => void;
}

export function Eye({ names, disabled, hide }: Props): JSX.Element {
  const trans = useTrans();
  const words = trans.__('Hide %1 from the chat', names.join(', '));
  return (
    <button type="button" className="mlc-mini mlc-eye" aria-label={words} title={words} disabled={disabled} onClick={hide}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M1 8s2.6-4.5 7-4.5S15 8 15 8s-2.6 4.5-7 4.5S1 8 1 8z" fill="none" stroke="currentColor" strokeWidth="1.3" />
        <circle cx="8" cy="8" r="2" fill="currentColor" />
      </svg>
    </button>
  );
}
