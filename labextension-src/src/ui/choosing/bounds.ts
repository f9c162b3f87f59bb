/** Numbers as they are typed, and what they may be. */
import type { Bound } from '../../protocol.gen';
import type { Trans } from '../trans';

/** Null for nothing, NaN for what is no number. */
export function numberOf(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  return plain === '' ? null : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/** Empty when the text may be sent. */
export function problemWith(text: string, bound: Pick<Bound, 'minimum' | 'maximum' | 'whole'>, trans: Trans): string {
  const value = numberOf(text);
  const { minimum, maximum, whole } = bound;
  if (value === null || (value >= minimum && value <= maximum && (!whole || Number.isInteger(value)))) {
    return '';
  }
  return whole
    ? trans.__('A whole number from %1 to %2.', grouped(minimum), grouped(maximum))
    : trans.__('A number from %1 to %2.', grouped(minimum), grouped(maximum));
}

export function grouped(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 6 });
}
