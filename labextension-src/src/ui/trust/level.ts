/** What may leave for a provider in a conversation, as far as a panel can know. */
import type { Level } from '../../protocol.gen';
import type { Trans } from '../trans';
import type { Conversation } from '../state/state';

export const BUILTIN = 'builtin';
const EXTERNAL = 'external';

export type Standing = Level | 'offline';

/** The level, or what a person has allowed for good in this conversation. `llm` is who answers next. */
export function standingOf(conversation: Conversation | undefined, level: Level, llm: string): Standing {
  const turns = conversation?.turns ?? [];
  const last = [...turns].reverse().find(turn => turn.llm)?.llm ?? '';
  const elsewhere = [last, conversation?.info?.route ?? ''].some(name => name.split('/')[0] === EXTERNAL);
  if ((llm || last) === BUILTIN && !elsewhere) {
    return 'offline';
  }
  const allowed = turns.some(turn =>
    turn.parts.some(part => part.kind === 'approval' && part.asked.effect === 'disclose' && part.closed?.always)
  );
  return allowed ? 'rows' : level;
}

export function shortly(standing: Standing, trans: Trans): string {
  return {
    offline: trans.__('Offline'),
    schema: trans.__('Schema only'),
    aggregates: trans.__('Aggregates'),
    rows: trans.__('Rows too')
  }[standing];
}

export function inWords(standing: Standing, trans: Trans): string {
  return {
    offline: trans.__('The built-in engine answers: nothing leaves this machine.'),
    schema: trans.__('Names, types and shapes may leave for the provider, and what you type. No value of your data does.'),
    aggregates: trans.__('Names, types and figures of many rows may leave for the provider, and what you type. Raw rows leave only after you have allowed it.'),
    rows: trans.__('Raw rows may leave for the provider without asking you.')
  }[standing];
}
