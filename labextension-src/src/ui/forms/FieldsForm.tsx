/** Fields to fill: those that matter, the row that the others are of, and a search for these. */
import * as React from 'react';
import { useApp } from '../app';
import { FieldRow } from './fields';
import type { Field } from '../../protocol.gen';
import { newId } from '../wire/ids';
import { Search } from './Search';
import type { FormPart } from '../state/state';
import { useTrans } from '../trans';
import { unmarked, Words } from '../text/words';
import { asText, figure, type Filled, filledOf, problemOf, type Values, valuesOf } from './values';

/** What a person has done to the form. */
interface Typed {
  filled: Filled;
  /** Fields that were filled with what is usual. */
  usual: readonly string[];
  /** Fields of the rest that are shown too. */
  added: readonly Field[];
  start: string;
}

interface Props {
  part: FormPart;
  /** Filled once more, after it was answered. */
  again?: boolean;
  disabled: boolean;
  answer: (values: Values, start: string) => void;
  children: React.ReactNode;
}

export function FieldsForm({ part, again = false, disabled, answer, children }: Props): JSX.Element {
  const { spec, closed } = part;
  const trans = useTrans();
  const { typed: kept } = useApp();
  const name = again ? `${part.key} again` : part.key;
  const [id] = React.useState(newId);
  const [typed, setTyped] = React.useState<Typed>(() => (kept.get(name) as Typed | undefined) ?? given(part));
  const [tried, setTried] = React.useState(false);
  const form = React.useRef<HTMLFormElement>(null);
  React.useEffect(() => {
    if (again) {
      form.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
    }
  }, [again]);
  const change = (to: Partial<Typed>): void => {
    const now = { ...typed, ...to };
    kept.set(name, now);
    setTyped(now);
  };
  // Another tab may have answered: what it said is what counts.
  const { filled, usual, added, start } = closed && !again ? given(part) : typed;
  const fields = [...(spec.fields ?? []), ...added];
  const row = spec.start;
  const sameRow = !row || start.trim() === asText(row.value);

  const set = (field: string, value: string): void =>
    change({ filled: new Map([...filled, [field, value]]), usual: usual.filter(one => one !== field) });
  const valueOf = (field: Field): string => filled.get(field.name) ?? '';
  const leftOf = (field: Field): string => {
    if (!row || (field.required ?? true)) {
      return '';
    }
    return sameRow && field.default != null ? trans.__('as in the row: %1', figure(field.default)) : trans.__('as in the row');
  };
  const problemFor = (field: Field): string =>
    (tried && problemOf(field, valueOf(field), trans)) || (valueOf(field) === asText(field.value) ? (field.problem ?? '') : '');

  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const wrong = fields.findIndex(field => problemOf(field, valueOf(field), trans));
    setTried(true);
    if (wrong >= 0) {
      document.getElementById(`${id}-${wrong}`)?.focus();
    } else if (!disabled) {
      answer(valuesOf(fields, filled), sameRow ? '' : start.trim());
    }
  };
  const empty = row ? [] : fields.filter(field => field.default != null && !valueOf(field).trim());
  const fillUsual = (): void =>
    change({
      filled: new Map([...filled, ...empty.map(field => [field.name, figure(field.default)] as const)]),
      usual: [...usual, ...empty.map(field => field.name)]
    });
  const hidden = (spec.rest ?? []).filter(field => !added.some(other => other.name === field.name));
  const total = spec.total ?? 0;

  return (
    <form
      ref={form}
      className="mlc-form"
      data-kind="fields"
      data-outcome={again ? '' : (closed?.outcome ?? '')}
      aria-label={unmarked(spec.title)}
      tabIndex={-1}
      noValidate
      onSubmit={submit}
    >
      <fieldset disabled={disabled}>
        <legend>
          <Words text={spec.title} />
        </legend>
        {row && (
          <FieldRow
            id={`${id}-start`}
            field={{ ...row, name: trans.__('Start from'), help: sameRow ? row.help : '' }}
            value={start}
            problem=""
            onChange={value => change({ start: value })}
          />
        )}
        {fields.map((field, index) => (
          <FieldRow
            key={field.name}
            id={`${id}-${index}`}
            field={field}
            value={valueOf(field)}
            problem={problemFor(field)}
            usual={usual.includes(field.name)}
            left={leftOf(field)}
            onChange={value => set(field.name, value)}
          />
        ))}
        {!disabled && (hidden.length > 0 || total > fields.length) && (
          <Search
            id={`${id}-find`}
            fields={hidden}
            unlisted={Math.max(0, total - fields.length - hidden.length)}
            add={field => {
              if (!fields.some(other => other.name === field.name)) {
                change({ added: [...added, field] });
              }
              // It is drawn by then.
              window.setTimeout(() => document.getElementById(`${id}-${fields.length}`)?.focus());
            }}
          />
        )}
      </fieldset>
      <div className="mlc-buttons">
        <button type="submit" className="mlc-button" disabled={disabled}>
          {again ? trans.__('Submit again') : trans.__('Submit')}
        </button>
        {!disabled && empty.length > 0 && (
          <button type="button" className="mlc-button mlc-plain-button" onClick={fillUsual}>
            {trans.__('Fill in usual values')}
          </button>
        )}
        {children}
      </div>
    </form>
  );
}

/** What stands in it: what was answered, else what was proposed. */
function given({ spec, closed }: FormPart): Typed {
  const fields = spec.fields ?? [];
  const answered = Object.entries(closed?.values ?? {});
  const added = answered
    .filter(([name]) => !fields.some(field => field.name === name))
    .map(([name]): Field => (spec.rest ?? []).find(field => field.name === name) ?? { name, required: false });
  const proposed = fields.map(field => [field.name, field.value] as const);
  return {
    filled: filledOf([...proposed, ...answered]),
    usual: [],
    added: closed ? added : [],
    start: closed?.start || asText(spec.start?.value)
  };
}
