/** What went wrong and what to do about it, in one line. */
import * as React from 'react';
import type { FaultRecord } from '../../protocol.gen';
import { Words } from '../text/words';

interface Props {
  fault: Partial<FaultRecord>;
  children?: React.ReactNode;
}

export function FaultLine({ fault, children }: Props): JSX.Element {
  return (
    <p className="mlc-error" role="alert">
      <Words text={[fault.message, fault.hint].filter(Boolean).join(' ')} /> {children}
    </p>
  );
}
