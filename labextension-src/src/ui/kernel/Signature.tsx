/** What a model takes, asked for when its card is opened. */
import * as React from 'react';
import type { FaultRecord, ToolResult } from '../../protocol.gen';
import type { Chat } from '../state/useChat';
import { Words } from '../text/words';
import { FaultLine } from '../turns/FaultLine';
import { type Trans, useTrans } from '../trans';
import { asFault } from '../wire/faults';

/** What `get_model_info` says of one input; more or less is known of each. */
export interface Input {
  name: string;
  dtype?: string | null;
  range?: [number | null, number | null] | null;
  categories?: unknown[] | null;
  n_categories?: number | null;
  default?: unknown;
  unit?: string;
  required?: boolean;
}

const CATEGORIES = 8;

export function Signature({ model, kernel, ask }: { model: string; kernel: string; ask: Chat['ask'] }): JSX.Element {
  const trans = useTrans();
  const [result, setResult] = React.useState<ToolResult | null>(null);
  const [fault, setFault] = React.useState<Partial<FaultRecord> | null>(null);
  React.useEffect(() => {
    let left = false;
    ask({ type: 'kernel.get', kernel, cards: false, model }, 'kernel.view').then(
      ({ signature }) => {
        if (!left) {
          setResult(signature ?? null);
          setFault(signature?.fault ?? null);
        }
      },
      thrown => !left && setFault(asFault(thrown))
    );
    return () => {
      left = true;
    };
  }, [ask, kernel, model]);
  if (fault) {
    return <FaultLine fault={fault} />;
  }
  if (!result) {
    return <p className="mlc-muted">{trans.__('Reading what it takes…')}</p>;
  }
  const told = result.local ?? result.data ?? {};
  const inputs = (told.features ?? []) as Input[];
  const left = (result.truncated?.total ?? inputs.length) - inputs.length;
  return (
    <div className="mlc-signature" role="group" aria-label={trans.__('What %1 takes', model)}>
      <ul>
        {inputs.map(input => (
          <li key={input.name}>
            <code>{input.name}</code> {described(input, trans)}
          </li>
        ))}
      </ul>
      {left > 0 && <p className="mlc-muted">{trans._n('and %1 more', 'and %1 more', left)}</p>}
      {!inputs.length && <p className="mlc-muted">{trans.__('It does not say what it takes.')}</p>}
      {(result.warnings ?? []).map(warning => (
        <p key={warning} className="mlc-muted">
          <Words text={warning} />
        </p>
      ))}
    </div>
  );
}

export function described({ dtype, range, categories, n_categories, default: usual, unit, required }: Input, trans: Trans): string {
  const known = categories?.slice(0, CATEGORIES) ?? [];
  const left = (n_categories ?? known.length) - known.length;
  const more = left > 0 ? ` ${trans._n('and %1 more', 'and %1 more', left)}` : '';
  return [
    dtype ?? '',
    range ? trans.__('%1 to %2', range[0], range[1]) + (unit ? ` ${unit}` : '') : (unit ?? ''),
    known.length ? known.join(', ') + more : '',
    usual === undefined || usual === null ? '' : trans.__('usually %1', usual),
    required === false ? trans.__('may be left out') : ''
  ]
    .filter(Boolean)
    .join(' · ');
}
