/** Markdown that may still be growing. */
import * as React from 'react';
import { Drawing } from './drawing';
import type { Host } from './host';

interface Props {
  text: string;
  final: boolean;
  host: Host;
}

export function Markdown({ text, final, host }: Props): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const drawing = React.useRef<Drawing | null>(null);
  React.useEffect(() => {
    const made = new Drawing(place.current!, host);
    drawing.current = made;
    return () => made.stop();
  }, [host]);
  React.useEffect(() => drawing.current?.show(text, final), [text, final, host]);
  return <div className="mlc-md" ref={place} />;
}
