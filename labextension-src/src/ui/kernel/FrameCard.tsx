/** A dataframe or an array of the kernel. */
import * as React from 'react';
import type { FrameGlance } from '../../protocol.gen';
import { useTrans } from '../trans';
import { Eye } from './Eye';
import { Some } from './Some';

export const FrameCard = React.memo(function FrameCard(props: { frame: FrameGlance; usable: boolean; hide: () => void }): JSX.Element {
  const trans = useTrans();
  const { ref, class_name, shape, columns, n_columns } = props.frame;
  const size = shape.map(count => (count < 0 ? '?' : String(count))).join(' × ');
  return (
    <li className="mlc-card">
      <div className="mlc-card-head">
        <code className="mlc-card-name">{ref}</code>
        <Eye names={[ref]} disabled={!props.usable} hide={props.hide} />
      </div>
      <p className="mlc-muted">
        {class_name}, {size}
      </p>
      <Some title={trans._n('%1 column', '%1 columns', n_columns)} names={columns} count={n_columns} />
    </li>
  );
}, (before, after) => before.frame === after.frame && before.usable === after.usable);
