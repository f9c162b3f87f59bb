/** Figures beside each other: each with its name, its value in words, and a bar for the eye. */
import * as React from 'react';

export interface Bar {
  name: string;
  value: number;
  words: string;
  /** A part of the value that went wrong. */
  bad?: number;
}

export function Bars({ bars, most }: { bars: readonly Bar[]; most?: number }): JSX.Element {
  const whole = most ?? Math.max(...bars.map(bar => bar.value), 0);
  const share = (value: number): string => `${whole > 0 ? Math.min(100, (100 * value) / whole) : 0}%`;
  return (
    <ul className="mlc-bars">
      {bars.map(({ name, value, words, bad = 0 }) => (
        <li key={name}>
          <span className="mlc-bar-name" title={name}>
            {name}
          </span>
          <span>{words}</span>
          <svg aria-hidden="true" width="100%" height="6">
            <rect className="mlc-bar-ground" width="100%" height="6" />
            <rect width={share(value)} height="6" />
            <rect className="mlc-bar-bad" width={share(bad)} height="6" />
          </svg>
        </li>
      ))}
    </ul>
  );
}
