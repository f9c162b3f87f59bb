/** The commands after `/`: what the panel can do, and every page that its menu lists. */
import type { Host } from '../host';
import { sheetsOf } from '../sheets/sheets';
import type { Chat } from '../state/useChat';
import type { Trans } from '../trans';
import type { Attached } from './attached';

/** What a command may do. */
export interface Desk {
  chat: Chat;
  host: Host;
  open: (sheet: string) => void;
  stop: (() => void) | null;
  attach: (kind: Attached['kind']) => void;
  /** Null where no file can be brought. */
  choose: (() => void) | null;
  say: (text: string) => void;
}

export interface Command {
  name: string;
  about: string;
  run: () => void;
}

export function commandsOf(desk: Desk, trans: Trans): Command[] {
  const { chat, host, open, stop, attach, choose, say } = desk;
  const about: { [kind in Exclude<Attached['kind'], 'file'>]: string } = {
    selection: trans.__('Attach what is selected in the cell'),
    cell: trans.__('Attach the cell'),
    error: trans.__('Attach the last error'),
    figure: trans.__('Attach the figure of the cell')
  };
  const known: (Command | null)[] = [
    { name: 'new', about: trans.__('Begin a new conversation'), run: chat.begin },
    stop && { name: 'stop', about: trans.__('Stop the answer'), run: stop },
    { name: 'help', about: trans.__('Ask what can be asked'), run: () => say(trans.__('What can you do?')) },
    choose && { name: 'file', about: trans.__('Bring a file'), run: choose },
    ...(host.bringing?.offers() ?? []).map(({ kind }) => ({
      name: kind,
      about: about[kind as keyof typeof about],
      run: () => attach(kind)
    })),
    ...sheetsOf(host).filter(one => one.listed(chat, host)).map(one => ({
      name: one.name,
      about: one.title(trans),
      run: () => open(one.name)
    }))
  ];
  return known.filter(one => one !== null);
}
