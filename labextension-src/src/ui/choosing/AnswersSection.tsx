/** Who answers, by which way, with or without tools, and in whose tone. */
import * as React from 'react';
import type { Choices } from '../../protocol.gen';
import { useApp } from '../app';
import { type Trans, useTrans } from '../trans';
import { isLocked, Section, type SectionProps } from './section';
import { Select, Setting, Switch } from './Setting';

/** The way without tools, and the one that takes every tool. */
const WORDS = 'direct';
const TOOLS = 'agent';
/** No prompt, whatever the settings name. */
const NONE = 'none';

/** On this way no tool is offered to who answers. */
export function inWordsAlone(route: string): boolean {
  return route === WORDS || route.startsWith('external/');
}

/** The route that the switch asks for. Where it has not taken the tools away itself, one alone is sure to have them. */
export function switched(on: boolean, own: string, before = TOOLS): string {
  return on ? (own === WORDS ? before : TOOLS) : WORDS;
}

export function AnswersSection({ choices, info, change }: SectionProps): JSX.Element {
  const trans = useTrans();
  const { open } = useApp();
  const own = info.route ?? '';
  const holds = choices.route ?? '';
  // The way with tools that the switch has left.
  const before = React.useRef<string>();
  const locked = isLocked(choices, 'route');
  const route = choices.routes.find(one => one.name === holds);
  const fixed = trans.__('Fixed by your administrator (`lock_settings`).');
  const setTools = (on: boolean): void => {
    if (!on) {
      before.current = own;
    }
    void change({ route: switched(on, own, before.current) });
  };
  return (
    <Section title={trans.__('Answers')}>
      <div className="mlc-setting-line">
        <span>{trans.__('Language model')}</span>
        <span className="mlc-grow">{choices.llm || trans.__('none that can be used')}</span>
        <button type="button" className="mlc-mini" onClick={() => open('llm')}>
          {isLocked(choices, 'llm') ? trans.__('Show') : trans.__('Change')}
        </button>
      </div>
      <Setting
        label={trans.__('Route')}
        help={locked ? fixed : route?.description}
        problem={route ? route.problem : trans.__('There is no route `%1` any more. Choose another one.', holds)}
        control={wiring => (
          <Select
            own={wiring}
            value={own}
            disabled={locked}
            options={[{ value: '', label: trans.__('as configured') }, ...routesOf(choices)]}
            onChange={route => void change({ route })}
          />
        )}
      />
      <Switch
        label={trans.__('Tools')}
        help={trans.__('Without them the language model answers in words alone, and looks at nothing in the kernel.')}
        on={!inWordsAlone(holds)}
        disabled={locked}
        onChange={setTools}
      />
      <Setting
        label={trans.__('Prompt')}
        help={isLocked(choices, 'prompt') ? fixed : helpOf(choices, trans)}
        problem={promptProblem(choices, trans)}
        control={wiring => (
          <Select
            own={wiring}
            value={info.prompt ?? ''}
            disabled={isLocked(choices, 'prompt')}
            options={[
              { value: '', label: trans.__('as configured') },
              { value: NONE, label: trans.__('none') },
              ...choices.prompts.map(one => ({ value: one.name, label: one.name }))
            ]}
            onChange={prompt => void change({ prompt })}
          />
        )}
      />
      <button type="button" className="mlc-mini" onClick={() => open('prompts')}>
        {trans.__('Prompts of your own…')}
      </button>
    </Section>
  );
}

function routesOf(choices: Choices): { value: string; label: string; disabled: boolean }[] {
  return choices.routes.map(one => ({ value: one.name, label: one.name, disabled: Boolean(one.problem) }));
}

function helpOf({ prompts, prompt }: Choices, trans: Trans): string {
  const holds = prompts.find(one => one.name === prompt);
  return holds?.description || (holds ? '' : trans.__('No prompt: the rules that every language model gets.'));
}

function promptProblem({ prompts, prompt }: Choices, trans: Trans): string {
  const gone = prompt && prompt !== NONE && !prompts.some(one => one.name === prompt);
  return gone ? trans.__('There is no prompt `%1` any more. Choose another one.', prompt) : '';
}
