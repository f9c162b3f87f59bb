/** Lines of the service, and the few words of our own that several parts use. */
import * as React from 'react';

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A line in which names stand in backticks. All of it is text; nothing else of markdown is read. */
export function Words({ text }: { text: string }): JSX.Element {
  const parts = text.split(/`([^`]+)`/);
  return <>{parts.map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part))}</>;
}

/** The same where no element can stand. */
export function unmarked(text: string): string {
  return text.replace(/`/g, '');
}
