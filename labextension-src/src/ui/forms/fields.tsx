/** The controls of a form, one for each field. */
import * as React from 'react';
import type { Field } from '../../protocol.gen';
import { type Trans, useTrans } from '../trans';
import { asText, figure, rangeOf, remarkOf } from './values';
import { unmarked, Words } from '../text/words';

/** More choices than these are searched, not scrolled through. */
const LISTED = 20;

type Control = 'select' | 'search' | 'textarea' | 'date' | 'datetime-local' | 'line';

interface Props {
  id: string;
  field: Field;
  value: string;
  /** What is wrong with it. */
  problem: string;
  /** Whether it stands there because it is usual. */
  usual?: boolean;
  /** What an empty field means; '' where it must be filled. */
  left?: string;
  onChange: (value: string) => void;
}

export function controlOf(field: Field): Control {
  switch (field.kind) {
    case 'boolean':
      return 'select';
    case 'choice':
      return (field.options ?? []).length > LISTED ? 'search' : 'select';
    case 'reference':
      return 'search';
    case 'textarea':
      return 'textarea';
    case 'datetime':
      return dateOf(field);
    default:
      return 'line';
  }
}

/** A picker can't show what is no plain date. */
function dateOf(field: Field): Control {
  const known = [field.value, field.default].map(asText).filter(Boolean);
  if (known.every(one => /^\d{4}-\d\d-\d\d$/.test(one))) {
    return 'date';
  }
  return known.every(one => /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(one)) ? 'datetime-local' : 'line';
}

export function FieldRow({ id, field, value, problem, usual = false, left = '', onChange }: Props): JSX.Element {
  const trans = useTrans();
  const remark = problem ? '' : remarkOf(field, value, trans);
  const kind = controlOf(field);
  const control = {
    id,
    value,
    'aria-describedby': `${id}-help`,
    'aria-invalid': Boolean(problem),
    'aria-required': field.required ?? true,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value)
  };
  const placeholder = left || placeholderOf(field, trans);
  return (
    <div className="mlc-field" data-changed={Boolean(left && value)}>
      <label htmlFor={id} title={field.name}>
        {field.name}
      </label>
      {kind === 'select' ? (
        <select {...control}>
          <option value="">{left || trans.__('choose')}</option>
          {withOwn(optionsOf(field), value).map(option => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      ) : kind === 'textarea' ? (
        <textarea {...control} rows={4} placeholder={placeholder} />
      ) : kind === 'date' || kind === 'datetime-local' ? (
        <input {...control} type={kind} step={kind === 'date' ? undefined : 1} />
      ) : (
        <input
          {...control}
          type="text"
          list={kind === 'search' ? `${id}-options` : undefined}
          inputMode={field.kind === 'number' ? 'decimal' : field.kind === 'integer' ? 'numeric' : 'text'}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      {kind === 'search' && (
        <datalist id={`${id}-options`}>
          {optionsOf(field).map(option => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      <small id={`${id}-help`}>
        {problem && (
          <span className="mlc-error">
            <Words text={problem} />{' '}
          </span>
        )}
        {remark && (
          <span className="mlc-unusual">
            <Words text={remark} />{' '}
          </span>
        )}
        {usual && <span className="mlc-usual">{trans.__('usual value')}</span>}{' '}
        <span className="mlc-muted">
          <Words text={hintOf(field, kind, left, remark, trans)} />
        </span>
      </small>
    </div>
  );
}

function optionsOf(field: Field): string[] {
  return field.kind === 'boolean' ? ['true', 'false'] : [...new Set((field.options ?? []).map(asText))];
}

/** What was given stays in sight, also where it is none of the options. */
function withOwn(options: string[], value: string): string[] {
  return !value || options.includes(value) ? options : [value, ...options];
}

function hintOf(field: Field, kind: Control, left: string, remark: string, trans: Trans): string {
  const range = rangeOf(field, trans);
  const many = field.kind === 'choice' && kind === 'search' ? trans.__('%1 values: type to search', field.options?.length) : '';
  const stays = left && kind.startsWith('date') ? left : '';
  return [range && remark.includes(range) ? '' : range, many, stays, field.help].filter(Boolean).join(', ');
}

function placeholderOf(field: Field, trans: Trans): string {
  if (field.default !== null && field.default !== undefined) {
    return trans.__('typical: %1', unmarked(figure(field.default)));
  }
  return field.kind === 'datetime' ? 'YYYY-MM-DD' : '';
}
