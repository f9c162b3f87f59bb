/** Why a number stands in an answer: the tool that found it, the field it is, and what that rests on. */
import * as React from 'react';
import { useApp } from '../app';
import { hasEnded, type ToolPart, type Turn } from '../state/state';
import { brief } from './brief';
import { type Source, sourcesOf } from './sources';
import { type Trans, useTrans } from '../trans';
import { duration, Words } from '../text/words';
import { showCall } from './showCall';

/** A number or a name that somebody has pressed. `top` is where its line ends, in pixels from the answer's top. */
export interface Pressed {
  element: HTMLElement;
  call: string;
  text: string;
  top: number;
}

/** What was pressed in an answer, if it was a mark. */
export function pressedIn(event: React.MouseEvent<HTMLElement>): Pressed | null {
  const element = (event.target as Element).closest<HTMLElement>('button.mlc-bound');
  const call = element?.dataset.of;
  if (!element || !call) {
    return null;
  }
  const top = element.getBoundingClientRect().bottom - event.currentTarget.getBoundingClientRect().top;
  return { element, call, text: element.textContent ?? '', top };
}

export function Why({ pressed, close }: { pressed: Pressed; close: () => void }): JSX.Element {
  const trans = useTrans();
  const app = useApp();
  const { call, text, top, element } = pressed;
  const box = React.useRef<HTMLElement>(null);
  const found = React.useMemo(() => callIn(app.shown()?.turns ?? [], call), [app, call]);
  React.useEffect(() => {
    box.current?.focus({ preventScroll: true });
    box.current?.scrollIntoView({ block: 'nearest' });
  }, [pressed]);
  const leave = (): void => {
    close();
    element.focus();
  };
  return (
    <section
      className="mlc-why"
      role="dialog"
      aria-label={trans.__('Where %1 comes from', text)}
      tabIndex={-1}
      ref={box}
      style={{ top }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          leave();
        }
      }}
      onBlur={event => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget as Node)) {
          close();
        }
      }}
    >
      {found ? <Told part={found} text={text} /> : <p>{trans.__('The result it comes from is not shown here.')}</p>}
      <div className="mlc-buttons">
        {found && (
          <button
            type="button"
            className="mlc-mini"
            onClick={() => {
              close();
              showCall(element, call);
            }}
          >
            {trans.__('Show the result')}
          </button>
        )}
        <button type="button" className="mlc-mini" onClick={leave}>
          {trans.__('Close')}
        </button>
      </div>
    </section>
  );
}

function Told({ part, text }: { part: ToolPart; text: string }): JSX.Element {
  const trans = useTrans();
  const { result, tool, args } = part;
  const sources = React.useMemo(() => sourcesOf(result?.local ?? result?.data ?? {}, text), [result, text]);
  const evidence = result?.evidence ?? [];
  return (
    <dl>
      <dt>{trans.__('Tool')}</dt>
      <dd>
        <code>{tool}</code> {brief(args)} {result && <span className="mlc-muted">{duration(result.elapsed_ms ?? 0)}</span>}
      </dd>
      <dt>{trans.__('Field')}</dt>
      <dd>
        {sources.map(source => (
          <div key={`${source.field} ${source.how}`}>
            <code>{source.field}</code> {worded(source, trans)}
          </div>
        ))}
        {!sources.length && trans.__('worked out from this result')}
      </dd>
      {evidence.length > 0 && (
        <>
          <dt>{trans.__('From')}</dt>
          {evidence.map((one, index) => (
            <dd key={index}>
              <Words text={one.text} /> {typeof one.cell === 'number' && !one.text.includes(`In[${one.cell}]`) && `In[${one.cell}]`}
            </dd>
          ))}
        </>
      )}
    </dl>
  );
}

function worded({ how, value }: Source, trans: Trans): string {
  return {
    value: `= ${value}`,
    share: `= ${value}`,
    count: trans.__('has %1 entries', value),
    name: trans.__('is its name')
  }[how];
}

function callIn(turns: readonly Turn[], call: string): ToolPart | undefined {
  for (const turn of turns) {
    const part = turn.parts.find((one): one is ToolPart => one.kind === 'tool' && one.key === call);
    if (part && (part.result || !hasEnded(turn))) {
      return part;
    }
  }
  return undefined;
}
