/** One of several readings, to choose. */
import * as React from 'react';
import type { FormPart } from '../state/state';
import { unmarked, Words } from '../text/words';

interface Props {
  part: FormPart;
  disabled: boolean;
  choose: (choice: number) => void;
  children: React.ReactNode;
}

export function Choice({ part, disabled, choose, children }: Props): JSX.Element {
  return (
    <form
      className="mlc-form"
      data-kind="choice"
      data-outcome={part.closed?.outcome ?? ''}
      aria-label={unmarked(part.spec.title)}
      tabIndex={-1}
      onSubmit={event => event.preventDefault()}
    >
      <fieldset disabled={disabled}>
        <legend>
          <Words text={part.spec.title} />
        </legend>
        {(part.spec.offers ?? []).map((offer, index) => (
          <button
            key={index}
            type="button"
            className="mlc-offer"
            aria-pressed={part.closed?.choice === index + 1}
            onClick={() => choose(index + 1)}
          >
            <Words text={offer.text} />
          </button>
        ))}
      </fieldset>
      <div className="mlc-buttons">{children}</div>
    </form>
  );
}
