/** What was asked. It can be put into an editor in its place; one that has not begun can be taken back. */
import * as React from 'react';
import { useApp } from '../app';
import { AlongList } from '../bringing/AlongList';
import { taking } from '../bringing/attached';
import { Pictures } from './Pictures';
import { placeOf } from './place';
import { QuestionEditor } from './QuestionEditor';
import type { Turn } from '../state/state';
import { Words } from '../text/words';
import { useTrans } from '../trans';

export function Question({ turn }: { turn: Turn }): JSX.Element {
  const trans = useTrans();
  const app = useApp();
  const [editing, setEditing] = React.useState(false);
  const button = React.useRef<HTMLButtonElement>(null);
  const mine = turn.role === 'user' && !isCall(turn);
  const queued = turn.state === 'queued';
  const takeBack = (): void => app.send({ type: 'turn.cancel', turn: turn.id });
  const close = (): void => {
    setEditing(false);
    window.setTimeout(() => button.current?.focus());
  };
  return (
    <article
      className="mlc-msg mlc-user"
      aria-label={turn.role === 'expert' ? trans.__('Expert') : trans.__('You')}
      data-delivery="delivered"
    >
      {editing ? (
        <QuestionEditor
          text={turn.question}
          send={text => {
            const { conversation, context } = placeOf(app);
            app.send({ type: 'turn.start', text, conversation, ...taking(turn.along, context, turn.images) });
            setEditing(false);
          }}
          close={close}
        />
      ) : (
        <div className="mlc-asked">
          <div className="mlc-said">{isCall(turn) ? <Words text={turn.question} /> : turn.question}</div>
          {mine && (
            <button
              type="button"
              className="mlc-mini mlc-edit"
              ref={button}
              aria-label={trans.__('Edit this question')}
              title={trans.__('Edit and ask again')}
              onClick={() => {
                if (queued) {
                  takeBack();
                }
                setEditing(true);
              }}
            />
          )}
          {mine && queued && (
            <button
              type="button"
              className="mlc-mini mlc-back"
              aria-label={trans.__('Take this question back')}
              title={trans.__('Take it back')}
              onClick={takeBack}
            />
          )}
        </div>
      )}
      <Pictures images={turn.images} />
      <AlongList along={turn.along} />
    </article>
  );
}

/** A call that somebody made without a language model is told by its tool's name. */
export function isCall(turn: Turn): boolean {
  return !turn.llm && /^`\w+`(?: \(asked by .*\))?$/.test(turn.question);
}
