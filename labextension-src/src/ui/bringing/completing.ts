/** What can be completed where the caret stands, and with what. */

export interface Choice {
  /** Also what it is found by. */
  label: string;
  kind: string;
  about: string;
  /** What takes the place of the word. */
  insert: string;
}

export interface Token {
  sign: '@' | '/';
  word: string;
  start: number;
}

const LONGEST_WORD = 100;
const AFTER_AT = /(?:^|[\s([{,;:=])@([^\s@]*)$/;
const COMMAND = /^\/([\w-]*)$/;
/** More are not looked through by anybody; another letter makes them fewer. */
export const MOST_SHOWN = 50;

export function tokenAt(text: string, caret: number): Token | null {
  const line = text.slice(Math.max(0, caret - LONGEST_WORD), caret);
  const command = caret < LONGEST_WORD ? COMMAND.exec(line) : null;
  if (command) {
    return { sign: '/', word: command[1], start: 0 };
  }
  const name = AFTER_AT.exec(line);
  return name && { sign: '@', word: name[1], start: caret - name[1].length - 1 };
}

/** Those that have the word: first where a label begins with it, then where a part of one does, then anywhere. */
export function fitting(choices: readonly Choice[], word: string): { shown: Choice[]; more: number } {
  const wanted = word.toLowerCase();
  const ranks: Choice[][] = [[], [], []];
  for (const choice of choices) {
    const at = choice.label.toLowerCase().indexOf(wanted);
    if (at >= 0) {
      const begins = at === 0 ? 0 : /[\W_]/.test(choice.label[at - 1]) ? 1 : 2;
      ranks[begins].push(choice);
    }
  }
  const all = ranks.flat();
  return { shown: all.slice(0, MOST_SHOWN), more: Math.max(0, all.length - MOST_SHOWN) };
}

/** The text with the choice in the place of the word, and where the caret stands then. */
export function completed(text: string, token: Token, caret: number, choice: Choice): { text: string; caret: number } {
  const rest = text.slice(caret);
  const put = /^\s/.test(rest) ? choice.insert : `${choice.insert} `;
  return { text: text.slice(0, token.start) + put + rest, caret: token.start + choice.insert.length + 1 };
}
