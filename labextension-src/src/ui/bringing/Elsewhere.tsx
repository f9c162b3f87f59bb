/** Another notebook is active than the one the message goes to: it is said, and never changed by itself. */
import * as React from 'react';
import type { Host } from '../host';
import { useTrans } from '../trans';

interface Props {
  host: Host;
  /** There is something written. */
  begun: boolean;
  /** Take it along. */
  carry: () => void;
}

export function Elsewhere({ host, begun, carry }: Props): JSX.Element | null {
  const trans = useTrans();
  const { bringing } = host;
  const here = host.kernel().notebook || trans.__('no notebook');
  const [there, setThere] = React.useState(() => bringing?.elsewhere() ?? '');
  React.useEffect(() => {
    const look = (): void => setThere(bringing?.elsewhere() ?? '');
    look();
    return host.onContext(look);
  }, [host, bringing]);
  if (!there || !bringing) {
    return null;
  }
  return (
    <div className="mlc-elsewhere" role="status">
      <span>{trans.__('This goes to %1. %2 is open.', here, there)}</span>
      {begun && (
        <button
          type="button"
          className="mlc-mini"
          onClick={() => {
            carry();
            bringing.follow();
          }}
        >
          {trans.__('Ask about %1 instead', there)}
        </button>
      )}
      <button type="button" className="mlc-mini" onClick={() => bringing.follow()}>
        {begun ? trans.__('Keep it, go to %1', there) : trans.__('Go to %1', there)}
      </button>
    </div>
  );
}
