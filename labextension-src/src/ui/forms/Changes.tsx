/** What would be another than it is, before and after. */
import * as React from 'react';
import type { Change } from '../../protocol.gen';
import { useTrans } from '../trans';
import { Words } from '../text/words';

export function Changes({ changes }: { changes: readonly Change[] }): JSX.Element | null {
  const trans = useTrans();
  if (!changes.length) {
    return null;
  }
  return (
    <dl className="mlc-changes">
      {changes.map((change, index) => (
        <React.Fragment key={index}>
          <dt>
            <code>{change.name}</code>
          </dt>
          <dd>
            <span>
              {trans.__('Before:')} <Words text={change.before || trans.__('nothing')} />
            </span>
            <span>
              {trans.__('After:')} <Words text={change.after || trans.__('nothing')} />
            </span>
          </dd>
        </React.Fragment>
      ))}
    </dl>
  );
}
