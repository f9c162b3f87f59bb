/** What went along with a question, under it. */
import * as React from 'react';
import { useApp } from '../app';
import { useTrans } from '../trans';
import { type Along, labelOf } from './attached';

export function AlongList({ along }: { along: readonly Along[] }): JSX.Element | null {
  const trans = useTrans();
  const { bringing } = useApp().host;
  if (!along.length) {
    return null;
  }
  const here = new Set(bringing?.cells().map(cell => cell.id));
  return (
    <ul className="mlc-chips mlc-along" aria-label={trans.__('What went along')}>
      {along.map(one => {
        const { cell = '', kind, ref } = one;
        const label = <bdi>{labelOf(one, trans) || ref}</bdi>;
        return (
          <li key={ref} data-kind={kind}>
            {here.has(cell) ? (
              <button type="button" className="mlc-mini" title={trans.__('Show in the notebook')} onClick={() => bringing?.reveal(cell)}>
                {label}
              </button>
            ) : (
              label
            )}
          </li>
        );
      })}
    </ul>
  );
}
