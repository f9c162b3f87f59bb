/** Where something that is asked from within the log belongs: the shown conversation, and its notebook. */
import type { App } from '../app';
import { contextOf } from '../conversations/elsewhere';
import type { Context, ConversationId } from '../../protocol.gen';

export function placeOf(app: App): { conversation: ConversationId | null; context: Context } {
  const shown = app.shown();
  return { conversation: shown && !shown.deleted ? shown.id : null, context: contextOf(shown, app.host.context()) };
}
