/** The same question to another language model: the same turn once more where it failed, else a new one. */
import * as React from 'react';
import { useApp } from '../app';
import type { LlmInfo } from '../../protocol.gen';
import { placeOf } from './place';
import type { Turn } from '../state/state';
import { useTrans } from '../trans';

interface Props {
  turn: Turn;
  /** Those that can be used, without the one that was asked. */
  llms: readonly LlmInfo[];
  done: () => void;
}

export function OtherLlm({ turn, llms, done }: Props): JSX.Element {
  const trans = useTrans();
  const app = useApp();
  const [llm, setLlm] = React.useState(llms[0].id);
  const providers = [...new Set(llms.map(one => one.provider))];
  const ask = (): void => {
    const failed = turn.state !== 'completed';
    const again = { type: 'turn.retry', turn: turn.id, llm } as const;
    app.send(failed ? again : { type: 'turn.start', text: turn.question, llm, ...placeOf(app) });
    done();
  };
  return (
    <form
      className="mlc-other"
      onSubmit={event => {
        event.preventDefault();
        ask();
      }}
    >
      <select aria-label={trans.__('Language model')} value={llm} onChange={event => setLlm(event.currentTarget.value)}>
        {providers.map(provider => (
          <optgroup key={provider} label={provider}>
            {llms
              .filter(one => one.provider === provider)
              .map(one => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
      <button type="submit" className="mlc-button">
        {turn.state === 'completed' ? trans.__('Ask it') : trans.__('Try with it')}
      </button>
    </form>
  );
}
