/** Colours for code where no editor is at hand: comments, texts, numbers and words of a few languages, nothing finer. */

interface Language {
  comment: string;
  text: string;
  words: string;
  anyCase?: boolean;
}

const NOTHING = '(?!)';
const QUOTED = '"(?:\\\\.|[^"\\\\\\n])*"?|\'(?:\\\\.|[^\'\\\\\\n])*\'?';

const PYTHON: Language = {
  comment: '#.*',
  text: `[rbfuRBFU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|${QUOTED})`,
  words:
    'and as assert async await break case class continue def del elif else except False finally for from global if ' +
    'import in is lambda match None nonlocal not or pass raise return True try while with yield'
};
const SQL: Language = {
  comment: '--.*|/\\*[^]*?(?:\\*/|$)',
  text: "'(?:''|[^'])*'?",
  words:
    'all alter and as asc between by case cast create cross delete desc distinct drop else end exists false from full ' +
    'group having in inner insert intersect into is join left like limit not null offset on or order outer over ' +
    'partition right select set table then true union update using values view when where with',
  anyCase: true
};
const JSON_TEXT: Language = { comment: NOTHING, text: '"(?:\\\\.|[^"\\\\\\n])*"?', words: 'true false null' };
const SHELL: Language = {
  comment: '#.*',
  text: QUOTED,
  words: 'case cd do done echo elif else esac exit export fi for function if in local return set source then until while'
};

const LANGUAGES: readonly (readonly [names: string, language: Language])[] = [
  ['python py python3 ipython', PYTHON],
  ['sql', SQL],
  ['json', JSON_TEXT],
  ['bash sh shell console', SHELL]
];

export interface Token {
  kind: 'comment' | 'text' | 'number' | 'word' | null;
  text: string;
}

/** All of the code, in pieces; one piece where the language is not known. */
export function tokensOf(code: string, language: string): Token[] {
  const known = LANGUAGES.find(([names]) => names.split(' ').includes(language))?.[1];
  if (!known) {
    return [{ kind: null, text: code }];
  }
  const words = new Set(known.words.split(' '));
  const form = new RegExp(
    `(?<comment>${known.comment})|(?<text>${known.text})|(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)|(?<number>\\p{N}[\\w.]*)`,
    'gu'
  );
  const tokens: Token[] = [];
  let at = 0;
  for (const match of code.matchAll(form)) {
    const { comment, text, name } = match.groups!;
    const isWord = name !== undefined && words.has(known.anyCase ? name.toLowerCase() : name);
    if (name !== undefined && !isWord) {
      continue;
    }
    if (match.index > at) {
      tokens.push({ kind: null, text: code.slice(at, match.index) });
    }
    const kind = isWord ? 'word' : comment !== undefined ? 'comment' : text !== undefined ? 'text' : 'number';
    tokens.push({ kind, text: match[0] });
    at = match.index + match[0].length;
  }
  return at < code.length ? [...tokens, { kind: null, text: code.slice(at) }] : tokens;
}

/** Colour what stands in `element`, which holds text alone. */
export function highlight(element: HTMLElement, language: string): void {
  const drawn = tokensOf(element.textContent ?? '', language).map(({ kind, text }) => {
    const piece = document.createElement('span');
    piece.className = kind ? `mlc-code-${kind}` : '';
    piece.textContent = text;
    return kind ? piece : text;
  });
  element.replaceChildren(...drawn);
}
