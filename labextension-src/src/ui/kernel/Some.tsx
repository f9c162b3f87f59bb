/** The first of many names, and how many there are. */
import * as React from 'react';
import { useTrans } from '../trans';

export function Some({ title, names, count }: { title: string; names: readonly string[]; count: number }): JSX.Element | null {
  const trans = useTrans();
  if (!count) {
    return null;
  }
  const left = count - names.length;
  return (
    <p className="mlc-some">
      <span className="mlc-muted">{title}: </span>
      {names.join(', ')}
      {left > 0 && ` ${trans._n('and %1 more', 'and %1 more', left)}`}
    </p>
  );
}
