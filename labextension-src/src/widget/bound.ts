/** A transport that keeps to the panel's conversation and llm, and tells Python which conversation it shows. */
import type { Command, CommandId } from '../protocol.gen';
import type { Transport } from '../ui/wire/transport';
import type { Model } from './model';

export function bound(transport: Transport, model: Model, shows: (conversation: string) => void): Transport {
  const asked = new Set<CommandId>();
  const end = transport.onEvent(event => {
    if (event.type === 'accepted' && event.conversation && asked.delete(event.command)) {
      shows(event.conversation);
    }
  });
  return {
    send(command) {
      if (command.type === 'conversation.open' || command.type === 'turn.start') {
        asked.add(command.id);
      }
      transport.send(filled(command, model));
    },
    onEvent: listener => transport.onEvent(listener),
    onStatus: listener => transport.onStatus(listener),
    rest: () => transport.rest(),
    wake: () => transport.wake(),
    dispose() {
      end();
      transport.dispose();
    }
  };
}

function filled(command: Command, model: Model): Command {
  const conversation = model.get('conversation');
  const llm = model.get('llm');
  if (command.type === 'conversation.open' && !command.new && !command.conversation && conversation) {
    return { ...command, conversation };
  }
  return command.type === 'turn.start' && !command.llm && llm ? { ...command, llm } : command;
}
