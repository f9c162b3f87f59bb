/** A word when the llm in use is gone from its provider's list, or its provider does not answer. */
import * as React from 'react';
import type { LlmsTold } from '../../protocol.gen';
import { useApp } from '../app';
import { Words } from '../text/words';
import { useTrans } from '../trans';

interface Props {
  inUse: string;
  /** What can be used now; null while something else is listed. */
  told: LlmsTold | null;
  pick: (word: string) => void;
}

export function Vanished({ inUse, told, pick }: Props): JSX.Element | null {
  const trans = useTrans();
  const { ask } = useApp();
  const [close, setClose] = React.useState<readonly string[] | null>(null);
  const provider = told?.providers.find(one => one.name === inUse.split('/')[0]);
  // A provider that never told its list may know it all the same.
  const doubted = provider?.status === 'healthy' && provider.checked > 0 && !told?.llms.some(one => one.id === inUse);
  React.useEffect(() => {
    let gone = false;
    setClose(null);
    if (doubted) {
      ask({ type: 'llms.get', word: inUse, wait: false }, 'llms').then(
        found => !gone && setClose(found.llms.some(one => one.id === inUse) ? null : (found.close ?? [])),
        () => undefined
      );
    }
    return () => {
      gone = true;
    };
  }, [ask, doubted, inUse]);
  if (provider && !provider.usable) {
    return (
      <p className="mlc-warned" role="alert">
        <Words text={trans.__("`%1` answers here, and its provider can't be used now. %2", inUse, provider.error)} />
      </p>
    );
  }
  return close ? (
    <div className="mlc-warned" role="alert">
      <p>
        <Words text={trans.__('`%1` answers here, and its provider does not list it any more. Choose another.', inUse)} />
      </p>
      {close.map(one => (
        <button key={one} type="button" className="mlc-mini" onClick={() => pick(one)}>
          {one}
        </button>
      ))}
    </div>
  ) : null;
}
