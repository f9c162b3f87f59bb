/** Take a deleted conversation back, and hear of it again. */
import type { App } from '../app';
import type { Conversation } from '../state/state';
import type { ConversationId } from '../../protocol.gen';

/** `heard` is what this panel knows of it. Rejects with a `FaultRecord`. */
export async function restore({ ask, send }: App, conversation: ConversationId, heard?: Conversation): Promise<void> {
  await ask({ type: 'conversation.restore', conversation }, 'accepted');
  if (heard) {
    // What is deleted is not resumed after a lost connection.
    send({ type: 'resume', conversation, after: heard.seen });
  }
}
