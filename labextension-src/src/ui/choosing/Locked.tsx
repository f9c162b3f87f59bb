/** Why something here can't be changed. */
import * as React from 'react';
import { Words } from '../text/words';
import { useTrans } from '../trans';

export function Locked({ id }: { id?: string }): JSX.Element {
  const trans = useTrans();
  return (
    <p className="mlc-locked" id={id}>
      <Words text={trans.__('Fixed by your administrator (`lock_settings`).')} />
    </p>
  );
}
