/** One conversation of the list, and what can be done with it. */
import * as React from 'react';
import type { ConversationInfo, ExportFormat } from '../../protocol.gen';
import { useApp } from '../app';
import { Menu, type MenuItem } from '../sheets/Menu';
import { useTrans } from '../trans';
import { asFault } from '../wire/faults';
import { download, exported, fileName } from './exporting';
import { Renaming } from './Renaming';
import { dateOf, fileOf, llmParts, titleOf } from './words';

interface Props {
  info: ConversationInfo;
  shown: boolean;
  /** How many turns it has, where that is known. */
  turns: number | null;
  exports: boolean;
  open: () => void;
  renamed: (title: string) => void;
  removed: () => void;
  /** Says what came of it, or why nothing did. */
  say: (words: string, wrong?: boolean) => void;
}

export function ConversationRow({ info, shown, turns, exports, open, renamed, removed, say }: Props): JSX.Element {
  const app = useApp();
  const trans = useTrans();
  const [renaming, setRenaming] = React.useState(false);
  const title = titleOf(info, trans);
  const attempt = async (act: () => Promise<string>): Promise<void> => {
    try {
      say(await act());
    } catch (thrown) {
      const { message, hint } = asFault(thrown);
      say([message, hint].filter(Boolean).join(' '), true);
    }
  };
  const remove = (): Promise<void> =>
    attempt(async () => {
      await app.ask({ type: 'conversation.delete', conversation: info.id }, 'accepted');
      removed();
      return '';
    });
  const save = (format: ExportFormat): Promise<void> =>
    attempt(async () => {
      const name = fileName(title, format);
      download(name, await exported(app, info.id, format), format);
      return trans.__('%1 goes to your downloads.', name);
    });
  const saveBeside = (notebook: string): Promise<void> =>
    attempt(async () => {
      const text = await exported(app, info.id, 'notebook');
      return trans.__('Saved as %1.', await app.host.saveBeside!(notebook, fileName(title, 'notebook'), text));
    });
  const notebook = info.notebook ?? '';
  const items: MenuItem[] = [
    { name: 'rename', label: trans.__('Rename'), act: () => setRenaming(true) },
    ...(exports
      ? [
          { name: 'notebook', label: trans.__('Export as notebook'), act: () => void save('notebook') },
          { name: 'markdown', label: trans.__('Export as Markdown'), act: () => void save('markdown') },
          { name: 'json', label: trans.__('Export as JSON'), act: () => void save('json') }
        ]
      : []),
    ...(exports && app.host.saveBeside && notebook
      ? [{ name: 'beside', label: trans.__('Save next to the notebook'), act: () => void saveBeside(notebook) }]
      : []),
    { name: 'delete', label: trans.__('Delete'), act: () => void remove() }
  ];
  const about = [
    dateOf(info.updated),
    fileOf(notebook),
    llmParts(info.llm ?? '').llm,
    turns === null ? '' : trans._n('%1 turn', '%1 turns', turns),
    info.imported ? trans.__('imported') : ''
  ].filter(Boolean);
  return (
    <li className="mlc-conversation" aria-current={shown ? 'true' : undefined}>
      <div className="mlc-conversation-line">
        {renaming ? (
          <Renaming
            id={info.id}
            title={info.title ?? ''}
            done={changed => {
              setRenaming(false);
              if (changed) {
                renamed(changed);
              }
            }}
          />
        ) : (
          <button type="button" className="mlc-conversation-title" title={title} onClick={open}>
            {title}
          </button>
        )}
        <Menu items={items} label={trans.__('More for %1', title)} />
      </div>
      <div className="mlc-muted mlc-conversation-about">
        {shown && <strong>{trans.__('shown now')}</strong>}
        {about.map((word, index) => (
          <span key={index}>{word}</span>
        ))}
      </div>
    </li>
  );
}
