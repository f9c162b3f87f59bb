/** The names that `@` completes: models, dataframes, columns and other variables of the kernel, cells of the notebook. */
import * as React from 'react';
import type { Card, FrameList, ModelList, VariableList } from '../../protocol.gen';
import type { Cell, Host } from '../host';
import { type Trans, useTrans } from '../trans';
import type { Choice } from './completing';

/** A list of names is that old at most when it is opened again. */
const FRESH_MS = 3_000;
const PLAIN = /^[\p{L}\p{N}_.]+$/u;

export interface Names {
  models: readonly Card[];
  frames: readonly Card[];
  variables: readonly Card[];
}

const NONE: Names = { models: [], frames: [], variables: [] };

export function choicesOf({ models, frames, variables }: Names, cells: readonly Cell[], trans: Trans): Choice[] {
  const columns = new Map<string, string>();
  frames.forEach(frame => frame.columns?.forEach(name => columns.has(name) || columns.set(name, frame.ref)));
  models.forEach(model => model.features?.forEach(name => columns.has(name) || columns.set(name, model.ref)));
  return [
    ...models.map(one => ({ label: one.ref, kind: trans.__('model'), about: one.class_name, insert: one.ref })),
    ...frames.map(one => ({ label: one.ref, kind: trans.__('data'), about: shapeOf(one), insert: one.ref })),
    ...variables.map(one => ({ label: one.ref, kind: trans.__('variable'), about: one.class_name, insert: one.ref })),
    ...cells
      .filter(cell => cell.number)
      .map(cell => ({ label: `In[${cell.number}]`, kind: trans.__('cell'), about: cell.line, insert: `In[${cell.number}]` })),
    ...[...columns].map(([name, of]) => ({ label: name, kind: trans.__('column'), about: of, insert: quoted(name) }))
  ];
}

const shapeOf = (card: Card): string => card.shape?.join(' × ') || card.class_name;

/** Names that are no single word stand in backticks, where that is possible. */
const quoted = (name: string): string => (PLAIN.test(name) || name.includes('`') ? name : `\`${name}\``);

/** Fetched when they are first wanted, and again when they are no longer fresh. */
export function useNames(host: Host, wanted: boolean): readonly Choice[] {
  const trans = useTrans();
  const [names, setNames] = React.useState<Names>(NONE);
  const [cells, setCells] = React.useState<readonly Cell[]>([]);
  const fetched = React.useRef({ kernel: '', at: 0 });
  React.useEffect(() => {
    if (!wanted) {
      return;
    }
    setCells(host.bringing?.cells() ?? []);
    const { kernel = '', attached = [] } = host.context();
    const { api } = host;
    if (!api || !kernel) {
      setNames({ ...NONE, models: attached.map(ref => ({ ref, class_name: '' })) });
    } else if (fetched.current.kernel !== kernel || Date.now() - fetched.current.at > FRESH_MS) {
      const here = (fetched.current = { kernel, at: Date.now() });
      const asked = <L extends Partial<Names>>(what: string): Promise<L | Names> =>
        api.request<L>(['kernels', kernel, what]).catch(() => NONE);
      void Promise.all([asked<ModelList>('models'), asked<FrameList>('frames'), asked<VariableList>('variables')]).then(
        ([{ models }, { frames }, { variables }]) => {
          if (fetched.current === here) {
            setNames({ models, frames, variables });
          }
        }
      );
    }
  }, [host, wanted]);
  return React.useMemo(() => choicesOf(names, cells, trans), [names, cells, trans]);
}
