/** How conversations are named. Titles are anybody's text: they are cut, and always drawn as text. */
import { type ConversationInfo, MAX_TITLE } from '../../protocol.gen';
import type { Conversation } from '../state/state';
import type { Trans } from '../trans';

const GIVEN_LENGTH = 60;

export function titleOf(info: Pick<ConversationInfo, 'title'> | null | undefined, trans: Trans): string {
  return info?.title?.trim().slice(0, MAX_TITLE) || trans.__('Untitled');
}

/** The service takes the first question for a title that nobody gave. */
export function headingOf({ info, turns }: Conversation): string {
  const asked = turns.find(turn => turn.question)?.question ?? '';
  return (info?.title || asked).trim().replace(/\s+/g, ' ').slice(0, info?.title ? MAX_TITLE : GIVEN_LENGTH);
}

/** A stamp of the service as a date. Never "two hours ago": this machine's clock may be wrong. */
export function dateOf(seconds = 0): string {
  return seconds ? new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '';
}

export function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `openai/gpt-4.1-mini` as who has it and what it is called there. */
export function llmParts(name: string): { provider: string; llm: string } {
  const at = name.indexOf('/');
  return at < 0 ? { provider: '', llm: name } : { provider: name.slice(0, at), llm: name.slice(at + 1) };
}
