/** Where a message is written. `@` completes names, `/` commands; which key sends is a setting. */
import * as React from 'react';
import type { Picture } from '../../protocol.gen';
import { useApp } from '../app';
import { sends, useSettings } from '../settings';
import { Menu } from '../sheets/Menu';
import type { Chat } from '../state/useChat';
import { useTrans } from '../trans';
import { problemOf } from '../wire/limit';
import { type Along, type Attached, alongOf, composed, keyOf, labelOf, problemIn } from './attached';
import { Chips } from './Chips';
import { Choices, optionId } from './Choices';
import { commandsOf } from './commands';
import { useCompletion } from './completion';
import { isEmpty, useDraft } from './drafts';
import { useDrop } from './dropping';
import { Elsewhere } from './Elsewhere';
import { megabytes, useFiles } from './files';
import { recalled } from './history';

interface Props {
  chat: Chat;
  /** The id of what says where a message goes. */
  describedBy: string;
  running: boolean;
  /** What the person has asked before, oldest first. */
  asked: () => readonly string[];
  onSend: (text: string, along: readonly Along[], images?: readonly Picture[]) => void;
  /** Whoever waits for this message wants to know. */
  onTyping: () => void;
  onStop: () => void;
}

export function Composer({ chat, describedBy, running, asked, onSend, onTyping, onStop }: Props): JSX.Element {
  const { host, open } = useApp();
  const trans = useTrans();
  const settings = useSettings();
  const { bringing } = host;
  const { draft, change, carry } = useDraft(host, chat.context.notebook || chat.context.kernel || '');
  const { text, attached } = draft;
  const box = React.useRef<HTMLTextAreaElement>(null);
  const chooser = React.useRef<HTMLInputElement>(null);
  const attach = (one: Attached): void => {
    change(before => ({ attached: [...before.attached.filter(other => keyOf(other) !== keyOf(one)), one] }));
    box.current?.focus();
  };
  const files = useFiles(host.api, attach);
  const takes = host.api && files.room !== null && !chat.state.me.disabled.includes('upload');
  const over = useDrop(box, takes ? list => void files.bring(list) : null, files.look);
  const [offers, setOffers] = React.useState<readonly Attached[]>([]);

  const whole = React.useMemo(() => composed(text, attached), [text, attached]);
  const problem = React.useMemo(() => problemOf(whole.text) || problemIn(whole.images, trans), [whole, trans]);
  const comes = files.incoming.some(one => !one.fault);
  const ready = text.trim() !== '' && !problem && !comes;
  // What was refused is only told of.
  const begun = !isEmpty(draft) || comes;

  React.useEffect(() => bringing?.hold(begun), [bringing, begun]);
  const latest = React.useRef(onSend);
  latest.current = onSend;
  React.useEffect(
    () => bringing?.onExplain(error => latest.current(trans.__('Why did this cell fail?'), alongOf([error]))),
    [bringing, trans]
  );

  React.useLayoutEffect(() => {
    const area = box.current;
    if (area) {
      // As tall as its text, within what the style sheet allows.
      area.style.height = 'auto';
      area.style.height = `${text.length > 20_000 ? 400 : area.scrollHeight + 2}px`;
    }
  }, [text]);

  const choose = takes ? () => chooser.current?.click() : null;
  const commands = (): ReturnType<typeof commandsOf> =>
    commandsOf(
      {
        chat,
        host,
        open,
        stop: running ? onStop : null,
        attach: kind => bringing?.offers().filter(one => one.kind === kind).forEach(attach),
        choose,
        say: words => onSend(words, [])
      },
      trans
    );
  const command = (name: string): boolean => {
    const known = commands().find(one => `/${one.name}` === name);
    if (known) {
      change(() => ({ text: '' }));
      known.run();
    }
    return known !== undefined;
  };
  const completion = useCompletion(box, text, {
    commands,
    change: words => change(() => ({ text: words })),
    command
  });

  const send = (): void => {
    if (ready && !command(text.trim())) {
      onSend(whole.text, whole.along, whole.images);
      change(() => ({ text: '', attached: [] }));
    }
  };
  const most = files.room?.largest ? megabytes(files.room.largest) : '';
  const items = [
    ...offers.map(one => ({ name: one.kind, label: labelOf(one, trans), act: () => attach(one) })),
    ...(choose ? [{ name: 'file', label: most ? trans.__('File… (at most %1)', most) : trans.__('File…'), act: choose }] : [])
  ];

  return (
    <form
      className="mlc-composer"
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      <Elsewhere host={host} begun={begun} carry={carry} />
      <Chips
        attached={attached}
        files={files}
        reveal={bringing && (cell => bringing.reveal(cell))}
        remove={one => {
          change(before => ({ attached: before.attached.filter(other => other !== one) }));
          if (one.kind === 'file') {
            files.remove(one);
          }
          box.current?.focus();
        }}
      />
      {over && (
        <p className="mlc-over">
          {most ? trans.__('Drop it to bring it along: at most %1', most) : trans.__('Drop it to bring it along')}
        </p>
      )}
      {completion.shown.length > 0 && <Choices {...completion} />}
      <textarea
        ref={box}
        aria-label="Message"
        aria-describedby={describedBy}
        aria-invalid={problem !== ''}
        {...(completion.shown.length > 0 && {
          role: 'combobox',
          'aria-expanded': true,
          'aria-autocomplete': 'list',
          'aria-controls': completion.id,
          'aria-activedescendant': optionId(completion.id, completion.at)
        })}
        rows={2}
        value={text}
        placeholder={trans.__('Ask about your models and data. @ for names, / for commands')}
        onChange={event => {
          const { value } = event.target;
          change(() => ({ text: value }));
          completion.look();
          onTyping();
        }}
        onKeyUp={completion.look}
        onClick={completion.look}
        onBlur={completion.close}
        onKeyDown={event => {
          // A key that ends the choice of a character is not meant for us.
          if (event.nativeEvent.isComposing) {
            return;
          }
          const again = recalled(asked, text, event.key);
          if (completion.press(event.key)) {
            event.preventDefault();
            event.stopPropagation();
          } else if (sends(settings, event)) {
            event.preventDefault();
            send();
          } else if (again !== null) {
            event.preventDefault();
            change(() => ({ text: again }));
          }
        }}
      />
      <div className="mlc-buttons">
        {(bringing || takes) && (
          <Menu
            items={items}
            label={trans.__('Attach')}
            sign="+"
            opens={() => {
              setOffers(bringing?.offers() ?? []);
              files.look();
            }}
          />
        )}
        {running && (
          <button
            type="button"
            className="mlc-button mlc-stop"
            title="Stop the answer (Esc)"
            onClick={() => {
              onStop();
              // The button goes, and the keyboard would be nowhere.
              box.current?.focus();
            }}
          >
            Stop
          </button>
        )}
        <button type="submit" className="mlc-button" disabled={!ready} title={comes ? trans.__('A file is on its way') : 'Send (Enter)'}>
          Send
        </button>
      </div>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        aria-label={trans.__('File')}
        onChange={event => {
          void files.bring([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      {problem && (
        <p className="mlc-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
