/** A model of the kernel: what it is, whether it is still what the notebook says, and what can be asked of it. */
import * as React from 'react';
import type { ModelGlance } from '../../protocol.gen';
import type { Chat } from '../state/useChat';
import { Words } from '../text/words';
import { type Trans, useTrans } from '../trans';
import { Eye } from './Eye';
import { namesOf } from './search';
import { Signature } from './Signature';
import { Some } from './Some';

interface Props {
  model: ModelGlance;
  kernel: string;
  usable: boolean;
  ask: Chat['ask'];
  call: (tool: string, model: string) => void;
  hide: () => void;
}

type Chip = readonly [kind: 'good' | 'bad' | 'open', words: string];

export const ModelCard = React.memo(function ModelCard({ model, kernel, usable, ask, call, hide }: Props): JSX.Element {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  const others = model.names.filter(name => name !== model.ref);
  const unable = !usable || model.fitted === false;
  const act = (tool: string, words: string): JSX.Element => (
    <button
      type="button"
      className="mlc-mini"
      aria-label={trans.__('%1 with %2', words, model.ref)}
      disabled={unable}
      onClick={() => call(tool, model.ref)}
    >
      {words}
    </button>
  );
  return (
    <li className="mlc-card">
      <div className="mlc-card-head">
        <button type="button" className="mlc-card-name" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? '▾' : '▸'} </span>
          <code>{model.ref}</code>
        </button>
        {chips(model, trans).map(([kind, words]) => (
          <span key={words} className="mlc-chip" data-kind={kind}>
            {words}
          </span>
        ))}
        <Eye names={namesOf(model)} disabled={!usable} hide={hide} />
      </div>
      <p className="mlc-muted">{what(model, trans)}</p>
      {others.length > 0 && <p className="mlc-muted">{trans.__('also %1', others.join(', '))}</p>}
      <Some title={trans._n('%1 feature', '%1 features', model.n_features)} names={model.features} count={model.n_features} />
      <Some title={trans._n('%1 class', '%1 classes', model.n_classes)} names={model.classes} count={model.n_classes} />
      {model.stale && (
        <p className="mlc-stale">
          <Words text={model.stale} />
        </p>
      )}
      <div className="mlc-buttons">
        {act('make_prediction', trans.__('Predict'))}
        {act('get_feature_importance', trans.__('Explain'))}
        {act('evaluate_model', trans.__('Evaluate'))}
      </div>
      {open && <Signature model={model.ref} kernel={kernel} ask={ask} />}
    </li>
  );
}, (before, after) => before.model === after.model && before.usable === after.usable && before.kernel === after.kernel);

function chips({ fitted, fresh }: ModelGlance, trans: Trans): Chip[] {
  if (fitted === false) {
    return [['bad', trans.__('not fitted')]];
  }
  const known: Chip = fresh ? ['good', trans.__('fresh')] : fresh === false ? ['bad', trans.__('stale')] : ['open', trans.__('origin unknown')];
  return fitted === null ? [['open', trans.__('perhaps fitted')], known] : [known];
}

function what(model: ModelGlance, trans: Trans): string {
  const inner = model.estimator && model.estimator !== model.class_name ? `${model.class_name} (${model.estimator})` : model.class_name;
  const task = model.task === 'unknown' ? '' : model.task;
  const cell = model.cell === null ? '' : model.fresh === null ? trans.__('made in In[%1]', model.cell) : trans.__('fitted in In[%1]', model.cell);
  return [inner, task, cell].filter(Boolean).join(', ');
}
