/** Markdown that may still be growing. */
import * as React from 'react';
import type { Mark } from '../../protocol.gen';
import { Drawing } from './drawing';
import type { Host } from '../host';

interface Props {
  text: string;
  marks?: readonly Mark[];
  final: boolean;
  host: Host;
}

const NONE: readonly Mark[] = [];

export function Markdown({ text, marks = NONE, final, host }: Props): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const drawing = React.useRef<Drawing | null>(null);
  React.useEffect(() => {
    const made = new Drawing(place.current!, host);
    drawing.current = made;
    return () => made.stop();
  }, [host]);
  React.useEffect(() => drawing.current?.show(text, marks, final), [text, marks, final, host]);
  return <div className="mlc-md" ref={place} />;
}
