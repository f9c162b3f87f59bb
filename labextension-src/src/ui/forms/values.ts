/** From what stands in the controls of a form to values, and what is to be said of them before they are sent. */
import type { Field } from '../../protocol.gen';
import type { Trans } from '../trans';

/** What stands in the controls, as text. A map: a feature may be called `__proto__`. */
export type Filled = ReadonlyMap<string, string>;

export type Values = { [name: string]: unknown };

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** The service reads these, and says that it did. */
const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;

export function asText(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function filledOf(entries: Iterable<readonly [string, unknown]>): Filled {
  return new Map([...entries].map(([name, value]) => [name, asText(value)]));
}

/** Typed as the fields say; what is no number stays text, so that the service can say what is wrong with it. */
export function valuesOf(fields: readonly Field[], filled: Filled): Values {
  const given = fields.filter(field => (filled.get(field.name) ?? '').trim() !== '');
  return Object.fromEntries(given.map(field => [field.name, valueOf(field, filled.get(field.name)!)]));
}

function valueOf(field: Field, text: string): unknown {
  switch (field.kind) {
    case 'number':
    case 'integer':
      return numberOf(text) ?? text.trim();
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'choice':
      return (field.options ?? []).find(option => asText(option) === text) ?? text;
    default:
      return text;
  }
}

/** Null for what is none, and for what a number here would change: whole ones that are too large, and `1,234`. */
export function numberOf(text: string): number | null {
  const plain = text.trim().replace(/\u2212/g, '-');
  const read = THOUSANDS.test(plain) ? plain : plain.replace(/^([^,.]*),([^,.]*)$/, '$1.$2');
  const number = NUMBER.test(read) ? Number(read) : NaN;
  const exact = !/^[+-]?\d+$/.test(read) || Number.isSafeInteger(number);
  return Number.isFinite(number) && exact ? number : null;
}

/** What keeps a value from being sent; '' where nothing does. */
export function problemOf(field: Field, text: string, trans: Trans): string {
  const typed = text.trim();
  if (!typed) {
    return field.required ?? true ? trans.__('This one is needed.') : '';
  }
  const isNumber = field.kind === 'number' || field.kind === 'integer';
  if (isNumber && numberOf(typed) === null && !THOUSANDS.test(typed) && !/^[+-]?\d+$/.test(typed)) {
    return trans.__('This is no number.');
  }
  return '';
}

/** What is unusual about a value that the model takes all the same; '' for nothing. */
export function remarkOf(field: Field, text: string, trans: Trans): string {
  const typed = text.trim();
  if (!typed) {
    return '';
  }
  if (field.kind === 'choice') {
    const known = (field.options ?? []).map(asText);
    return known.includes(typed) ? '' : trans.__('Not one of the values that the model knows.');
  }
  const number = field.kind === 'number' || field.kind === 'integer' ? numberOf(typed) : null;
  if (number === null) {
    return '';
  }
  const { minimum, maximum } = field;
  const outside = (minimum != null && number < minimum) || (maximum != null && number > maximum);
  if (outside) {
    return trans.__('Outside of %1: the model answers, but was not fitted on such a value.', rangeOf(field, trans));
  }
  if (field.kind === 'integer' && !Number.isInteger(number)) {
    return trans.__('The model was fitted on whole numbers.');
  }
  return typed.includes(',') ? trans.__('Read as %1.', number) : '';
}

/** Its limits and unit; '' where they are not known. */
export function rangeOf(field: Field, trans: Trans): string {
  const unit = field.unit ? ` ${field.unit}` : '';
  const { minimum, maximum } = field;
  return minimum != null && maximum != null
    ? trans.__('%1 to %2', figure(minimum), figure(maximum)) + unit
    : unit.trim();
}

/** A number that was measured, in six digits; anything else as it is. */
export function figure(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : asText(value);
}
