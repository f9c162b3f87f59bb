/** A line between the log and the composer, with what can be done about it. */
import * as React from 'react';

interface Props {
  words: string;
  /** Something is lost, or needs a person. */
  grave?: boolean;
  children?: React.ReactNode;
}

export function Bar({ words, grave = false, children }: Props): JSX.Element {
  return (
    <div className="mlc-bar" role="status" data-grave={grave}>
      <span>{words}</span>
      {children}
    </div>
  );
}
