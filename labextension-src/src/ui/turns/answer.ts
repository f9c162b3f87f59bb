/** What an ended turn has to give: its words, and the code that gets the same. Pure. */
import type { Turn } from '../state/state';

/** The markdown it ended with, of the assistant and of people. */
export function answerOf(turn: Turn): string {
  const said = turn.parts.map(part => (part.kind === 'text' || part.kind === 'person' ? part.text.trim() : ''));
  return said.filter(Boolean).join('\n\n');
}

/** The code of its results in order, each once. */
export function codeOf(turn: Turn): string {
  const code = turn.parts.map(part => (part.kind === 'tool' ? (part.result?.code ?? '').trim() : ''));
  return [...new Set(code.filter(Boolean))].join('\n\n');
}
