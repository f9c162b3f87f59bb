/** The controls of a form, one for each field, and the values that come of them. */
import * as React from 'react';
import type { Field } from '../../protocol.gen';
import { Words } from '../text/words';

/** What stands in the controls, as text. */
export type Filled = { readonly [name: string]: string };

export function asText(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Typed as the fields say; what is no number stays text, so that the service can say what is wrong with it. */
export function valuesOf(fields: readonly Field[], filled: Filled): { [name: string]: unknown } {
  const given = fields.filter(field => (filled[field.name] ?? '').trim() !== '');
  return Object.fromEntries(given.map(field => [field.name, valueOf(field, filled[field.name])]));
}

function valueOf(field: Field, text: string): unknown {
  switch (field.kind) {
    case 'number':
    case 'integer': {
      const number = Number(text.trim());
      return Number.isFinite(number) ? number : text;
    }
    case 'boolean':
      return text === 'true';
    case 'choice':
      return (field.options ?? []).find(option => asText(option) === text) ?? text;
    default:
      return text;
  }
}

interface Props {
  id: string;
  field: Field;
  value: string;
  missing: boolean;
  onChange: (value: string) => void;
}

export function FieldRow({ id, field, value, missing, onChange }: Props): JSX.Element {
  const problem = missing ? 'This one is needed.' : field.problem;
  const hints = [rangeOf(field), field.help].filter(Boolean).join(', ');
  const control = {
    id,
    value,
    'aria-describedby': `${id}-help`,
    'aria-invalid': Boolean(problem),
    'aria-required': field.required ?? true,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value)
  };
  return (
    <div className="mlc-field">
      <label htmlFor={id}>{field.name}</label>
      {field.kind === 'choice' || field.kind === 'boolean' ? (
        <select {...control}>
          <option value="">choose</option>
          {optionsOf(field).map(option => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      ) : field.kind === 'textarea' ? (
        <textarea {...control} rows={4} placeholder={placeholderOf(field)} />
      ) : (
        <input
          {...control}
          type="text"
          inputMode={field.kind === 'number' ? 'decimal' : field.kind === 'integer' ? 'numeric' : 'text'}
          placeholder={placeholderOf(field)}
          autoComplete="off"
        />
      )}
      <small id={`${id}-help`}>
        {problem && (
          <span className="mlc-error">
            <Words text={problem} />{' '}
          </span>
        )}
        <span className="mlc-muted">
          <Words text={hints} />
        </span>
      </small>
    </div>
  );
}

function optionsOf(field: Field): string[] {
  return field.kind === 'boolean' ? ['true', 'false'] : (field.options ?? []).map(asText);
}

function placeholderOf(field: Field): string {
  if (field.default !== null && field.default !== undefined) {
    return `typical: ${asText(field.default)}`;
  }
  return field.kind === 'datetime' ? 'YYYY-MM-DD' : '';
}

function rangeOf(field: Field): string {
  const unit = field.unit ? ` ${field.unit}` : '';
  const { minimum, maximum } = field;
  return minimum !== null && minimum !== undefined && maximum !== null && maximum !== undefined
    ? `${minimum} to ${maximum}${unit}`
    : unit.trim();
}
