/** Where something that is asked from within the log belongs: the shown conversation, and where the page stands. */
import type { App } from '../app';
import type { Context, ConversationId } from '../../protocol.gen';

export function placeOf(app: App): { conversation: ConversationId | null; context: Context } {
  const shown = app.shown();
  return { conversation: shown && !shown.deleted ? shown.id : null, context: app.host.context() };
}
