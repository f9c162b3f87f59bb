/** Pictures that went along with a question, small: each can be seen in full. */
import * as React from 'react';
import type { Picture } from '../../protocol.gen';
import { useTrans } from '../trans';
import { addressOf } from './picture';

export function Pictures({ images }: { images: readonly Picture[] }): JSX.Element | null {
  const trans = useTrans();
  const [large, setLarge] = React.useState(-1);
  const shown = images.filter(addressOf);
  if (!shown.length) {
    return null;
  }
  return (
    <ul className="mlc-pictures" aria-label={trans.__('Pictures that went along')}>
      {shown.map((one, at) => (
        <li key={at}>
          <button type="button" aria-pressed={large === at} title={trans.__('Larger or smaller')} onClick={() => setLarge(large === at ? -1 : at)}>
            <img src={addressOf(one)} alt={one.from || trans.__('A picture')} />
          </button>
        </li>
      ))}
    </ul>
  );
}
