/** One setting: its name, its control, and a line below. */
import * as React from 'react';
import { newId } from '../wire/ids';
import { Words } from '../text/words';

interface Props {
  label: string;
  help?: string;
  problem?: string;
  /** Draws the control with these, so that its label and its line belong to it. */
  control: (own: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => React.ReactNode;
}

export function Setting({ label, help = '', problem = '', control }: Props): JSX.Element {
  const [id] = React.useState(newId);
  return (
    <div className="mlc-field mlc-setting">
      <label htmlFor={id}>{label}</label>
      {control({ id, 'aria-describedby': `${id}-help`, 'aria-invalid': problem !== '' })}
      <small id={`${id}-help`} className={problem ? 'mlc-error' : 'mlc-muted'} aria-live="polite">
        <Words text={problem || help} />
      </small>
    </div>
  );
}

interface SwitchProps {
  label: string;
  help: string;
  on: boolean;
  disabled: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, help, on, disabled, onChange }: SwitchProps): JSX.Element {
  const [id] = React.useState(newId);
  return (
    <div className="mlc-tools-switch">
      <input
        type="checkbox"
        id={id}
        checked={on}
        disabled={disabled}
        aria-describedby={`${id}-help`}
        onChange={event => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      <small id={`${id}-help`} className="mlc-muted">
        <Words text={help} />
      </small>
    </div>
  );
}

interface SelectProps {
  own: { id: string; 'aria-describedby': string; 'aria-invalid': boolean };
  value: string;
  disabled: boolean;
  options: readonly { value: string; label: string; disabled?: boolean }[];
  onChange: (value: string) => void;
}

/** A value that is no option any more stands there as the last one. */
export function Select({ own, value, disabled, options, onChange }: SelectProps): JSX.Element {
  const known = options.some(one => one.value === value);
  return (
    <select {...own} value={value} disabled={disabled} onChange={event => onChange(event.target.value)}>
      {options.map(one => (
        <option key={one.value} value={one.value} disabled={one.disabled}>
          {one.label}
        </option>
      ))}
      {!known && <option value={value}>{value}</option>}
    </select>
  );
}
