/** The page about the kernel: what it does, what it holds, and what of that the chat may see. */
import * as React from 'react';
import type { FaultRecord, FrameGlance, ModelGlance } from '../../protocol.gen';
import { FaultLine } from '../turns/FaultLine';
import type { SheetProps } from '../sheets/sheets';
import { useTrans } from '../trans';
import { asFault } from '../wire/faults';
import { FrameCard } from './FrameCard';
import { ModelCard } from './ModelCard';
import { NotifySwitch } from './NotifySwitch';
import { useKernel, worded } from './now';
import { Running } from './Running';
import { matching, namesOf, PAGE } from './search';

/** With so few cards nobody needs to search. */
const FEW = 3;

export function KernelSheet({ chat, host, close }: SheetProps): JSX.Element {
  const trans = useTrans();
  const kernel = useKernel(chat, host);
  const { id, look, busy, gone } = kernel;
  const { ask, send } = chat;
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const [words, setWords] = React.useState('');
  const [shown, setShown] = React.useState(PAGE);
  const open = chat.status === 'open';
  const named = look?.told.kernel ?? id;
  const told = look?.told;
  const enabled = told?.enabled ?? kernel.state !== 'disabled';

  const refresh = React.useCallback(() => {
    setFault(null);
    ask({ type: 'kernel.get', kernel: id }, 'kernel.view').catch(thrown => setFault(asFault(thrown)));
  }, [ask, id]);
  const current = Boolean(told?.models) && !look?.before;
  React.useEffect(() => {
    if (open && !gone && !(busy && current)) {
      refresh();
    }
    // `current` changes by the answer itself.
  }, [open, gone, busy, refresh]);

  const update = (change: { hide?: string[]; show?: string[]; enabled?: boolean }): void => {
    ask({ type: 'kernel.update', kernel: named, ...change }, 'accepted').then(refresh, thrown => setFault(asFault(thrown)));
  };
  const call = (tool: string, model: string): void => {
    send({ type: 'tool.call', tool, args: { model_id: model }, context: chat.context, conversation: chat.state.current });
    close();
  };

  const models = matching(told?.models ?? [], words, searchedModel);
  const frames = matching(told?.frames ?? [], words, searchedFrame);
  const hidden = told?.hidden ?? [];
  const usable = open && !gone && !look?.before;
  return (
    <div className="mlc-kernel-page">
      <p className="mlc-kernel-line">
        <strong>{kernel.notebook || trans.__('No notebook')}</strong>
        <span>{kernel.name}</span>
        <span className="mlc-muted">{worded(kernel, trans)}</span>
      </p>
      <Running kernel={kernel} />
      <div className="mlc-buttons">
        <label className="mlc-switch">
          <input
            type="checkbox"
            role="switch"
            checked={enabled}
            disabled={!usable || !told}
            onChange={event => update({ enabled: event.currentTarget.checked })}
          />
          {trans.__('The chat may use this kernel')}
        </label>
        <button type="button" className="mlc-mini" disabled={!open || gone} onClick={refresh}>
          {trans.__('Look again')}
        </button>
      </div>
      {fault && <FaultLine fault={fault} />}
      {(look?.before || !open) && told && (
        <p className="mlc-before" role="status">
          {look?.before ? trans.__('These are from before the restart and are gone.') : trans.__('Not connected: this is what was last seen.')}
        </p>
      )}
      {(told?.n_models ?? 0) + (told?.n_frames ?? 0) > FEW && (
        <input
          type="search"
          className="mlc-kernel-search"
          aria-label={trans.__('Search models and data')}
          placeholder={trans.__('Search names, classes, columns')}
          value={words}
          onChange={event => {
            setWords(event.currentTarget.value);
            setShown(PAGE);
          }}
        />
      )}
      <div className="mlc-cards" data-before={!usable}>
        <Section title={trans.__('Models')} count={told?.n_models ?? 0} found={models.length} words={words}>
          {models.slice(0, shown).map(model => (
            <ModelCard
              key={model.ref}
              model={model}
              kernel={id}
              usable={usable && enabled}
              ask={ask}
              call={call}
              hide={() => update({ hide: namesOf(model) })}
            />
          ))}
        </Section>
        {models.length > shown && (
          <button type="button" className="mlc-mini" onClick={() => setShown(shown + PAGE)}>
            {trans._n('Show %1 more', 'Show %1 more', Math.min(PAGE, models.length - shown))}
          </button>
        )}
        <Section title={trans.__('Data')} count={told?.n_frames ?? 0} found={frames.length} words={words}>
          {frames.slice(0, shown).map(frame => (
            <FrameCard key={frame.ref} frame={frame} usable={usable} hide={() => update({ hide: namesOf(frame) })} />
          ))}
        </Section>
        {hidden.length > 0 && (
          <Section title={trans.__('Hidden from the chat')} count={hidden.length} found={hidden.length} words="">
            {hidden.map(name => (
              <li key={name} className="mlc-card">
                <div className="mlc-card-head">
                  <code className="mlc-card-name">{name}</code>
                  <button
                    type="button"
                    className="mlc-mini"
                    aria-label={trans.__('Show %1 again', name)}
                    disabled={!usable}
                    onClick={() => update({ show: [name] })}
                  >
                    {trans.__('Show again')}
                  </button>
                </div>
              </li>
            ))}
          </Section>
        )}
      </div>
      {told?.models && enabled && !told.n_models && !told.n_frames && !hidden.length && (
        <p className="mlc-muted">{trans.__('There are no models or data in this kernel yet. Run a cell that makes some.')}</p>
      )}
      <NotifySwitch />
    </div>
  );
}

function Section(props: { title: string; count: number; found: number; words: string; children: React.ReactNode }): JSX.Element | null {
  const trans = useTrans();
  if (!props.count) {
    return null;
  }
  const cut = props.words ? trans.__('%1 of %2', props.found, props.count) : String(props.count);
  return (
    <section aria-label={props.title}>
      <h3>
        {props.title} <span className="mlc-muted">{cut}</span>
      </h3>
      <ul>{props.children}</ul>
    </section>
  );
}

const searchedModel = (model: ModelGlance): string[] => [...model.names, model.class_name, model.estimator, model.task, ...model.features];
const searchedFrame = (frame: FrameGlance): string[] => [frame.ref, frame.class_name, ...frame.columns];
