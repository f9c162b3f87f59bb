/** Sizes, lengths, money and tokens in few characters. Null where nothing is known. */
import type { Trans } from '../trans';

type Amount = number | null | undefined;

const given = (amount: Amount): amount is number => typeof amount === 'number' && Number.isFinite(amount);

/** 200000 as `200k`, 1048576 as `1.05M`. */
export function short(amount: number): string {
  const [unit, by] = amount >= 999_500 ? ['M', 1e6] : amount >= 1000 ? ['k', 1e3] : ['', 1];
  return `${Number((amount / by).toPrecision(3))}${unit}`;
}

export function tokens(amount: Amount, trans: Trans): string | null {
  return given(amount) ? trans.__('%1 tokens', short(amount)) : null;
}

export function bytes(amount: Amount): string | null {
  if (!given(amount)) {
    return null;
  }
  const [unit, by] = amount >= 1e9 ? ['GB', 1e9] : amount >= 1e6 ? ['MB', 1e6] : ['kB', 1e3];
  return `${Number((amount / by).toPrecision(3))} ${unit}`;
}

/** US dollars; what is under a cent keeps two figures. */
export function dollars(amount: Amount): string | null {
  if (!given(amount)) {
    return null;
  }
  if (amount === 0 || amount >= 0.01) {
    return `$${amount.toFixed(2)}`;
  }
  return `$${amount.toFixed(Math.min(8, 1 - Math.floor(Math.log10(amount))))}`;
}

/** What a million tokens in and out cost. */
export function price(into: Amount, out: Amount, trans: Trans): string | null {
  if (into === 0 && out === 0) {
    return trans.__('free');
  }
  const words = [given(into) && trans.__('%1 in', dollars(into)), given(out) && trans.__('%1 out', dollars(out))];
  const known = words.filter(Boolean).join(', ');
  return known ? trans.__('%1, for a million tokens', known) : null;
}
