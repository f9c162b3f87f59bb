/** The list of names or commands beside the text: when it is there, and what keys do to it. */
import * as React from 'react';
import { useApp } from '../app';
import { newId } from '../wire/ids';
import { useTrans } from '../trans';
import type { Command } from './commands';
import { type Choice, completed, fitting, type Token, tokenAt } from './completing';
import { useNames } from './names';

interface Means {
  commands: () => Command[];
  change: (text: string) => void;
  /** Run it, by its name with the slash. */
  command: (name: string) => boolean;
}

export interface Completion {
  id: string;
  label: string;
  shown: readonly Choice[];
  more: number;
  at: number;
  take: (choice: Choice) => void;
  /** The text or the caret has changed. */
  look: () => void;
  close: () => void;
  /** True when the key was for the list. */
  press: (key: string) => boolean;
}

const NOTHING: { shown: Choice[]; more: number } = { shown: [], more: 0 };

export function useCompletion(box: React.RefObject<HTMLTextAreaElement>, text: string, means: Means): Completion {
  const trans = useTrans();
  const { host } = useApp();
  const [id] = React.useState(newId);
  const [token, setToken] = React.useState<Token | null>(null);
  /** Where a list was closed: it stays so until the word is left. */
  const [closed, setClosed] = React.useState(-1);
  const [at, setAt] = React.useState(0);
  const caret = React.useRef<number | null>(null);
  const names = useNames(host, token?.sign === '@');
  const active = token && token.start !== closed ? token : null;

  const { shown, more } = React.useMemo(() => {
    if (!active) {
      return NOTHING;
    }
    const choices = active.sign === '@' ? names : means.commands().map(choiceOf);
    return fitting(choices, active.sign === '@' ? active.word : `/${active.word}`);
    // `means` is new each time; a command list is made when its word changes.
  }, [active?.sign, active?.word, active?.start, names]);

  React.useLayoutEffect(() => {
    if (caret.current !== null) {
      box.current?.setSelectionRange(caret.current, caret.current);
      caret.current = null;
    }
  }, [box, text]);

  const look = (): void => {
    const area = box.current;
    const found = area && area.selectionStart === area.selectionEnd ? tokenAt(area.value, area.selectionStart) : null;
    if (found?.word !== token?.word || found?.start !== token?.start || found?.sign !== token?.sign) {
      setToken(found);
      setAt(0);
      if (!found || found.start !== closed) {
        setClosed(-1);
      }
    }
  };
  const take = (choice: Choice): void => {
    if (!active) {
      return;
    }
    setToken(null);
    if (active.sign === '/') {
      means.command(choice.insert);
    } else {
      const put = completed(text, active, active.start + active.word.length + 1, choice);
      caret.current = put.caret;
      means.change(put.text);
    }
  };
  const keys: { readonly [key: string]: () => void } = {
    ArrowDown: () => setAt((at + 1) % shown.length),
    ArrowUp: () => setAt((at - 1 + shown.length) % shown.length),
    Enter: () => take(shown[at]),
    Tab: () => take(shown[at]),
    Escape: () => setClosed(active?.start ?? -1)
  };
  return {
    id,
    label: active?.sign === '/' ? trans.__('Commands') : trans.__('Names'),
    shown,
    more,
    at: Math.min(at, shown.length - 1),
    take,
    look,
    close: () => setToken(null),
    press(key) {
      const act = shown.length > 0 ? keys[key] : undefined;
      act?.();
      return act !== undefined;
    }
  };
}

const choiceOf = ({ name, about }: Command): Choice => ({ label: `/${name}`, kind: '', about, insert: `/${name}` });
