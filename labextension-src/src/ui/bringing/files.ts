/** Files that are being brought: how far each is, and what was found in it. */
import * as React from 'react';
import { Code, type FaultRecord, type Upload, type UploadList } from '../../protocol.gen';
import type { Api } from '../wire/api';
import { asFault } from '../wire/faults';
import { newId } from '../wire/ids';
import { type Trans, useTrans } from '../trans';
import type { Attached } from './attached';
import { sendFile } from './sending';

/** What the server takes. */
export type Room = Pick<UploadList, 'largest' | 'types'>;

export interface Incoming {
  key: string;
  name: string;
  size: number;
  received: number;
  cut: boolean;
  /** Why it was not taken. */
  fault: FaultRecord | null;
}

export interface Files {
  /** What the server takes; null where it takes no files, undefined while that is not known. */
  room: Room | null | undefined;
  /** Ask what it takes. */
  look: () => void;
  incoming: readonly Incoming[];
  bring: (files: readonly (File | Directory)[]) => Promise<void>;
  /** Cancel it, or forget why it failed. */
  drop: (key: string) => void;
  /** Remove one that has arrived. */
  remove: (one: Attached) => void;
}

/** A folder that was dropped: it has no bytes of its own. */
export interface Directory {
  name: string;
  folder: true;
}

const MOST_AT_ONCE = 10;

export function useFiles(api: Api | undefined, arrived: (one: Attached) => void): Files {
  const trans = useTrans();
  const [room, setRoom] = React.useState<Room | null | undefined>(undefined);
  const [incoming, setIncoming] = React.useState<readonly Incoming[]>([]);
  const courses = React.useRef(new Map<string, { abort: AbortController; id: string }>());
  const take = React.useRef(arrived);
  take.current = arrived;

  const change = (key: string, part: Partial<Incoming>): void =>
    setIncoming(all => all.map(one => (one.key === key ? { ...one, ...part } : one)));
  const forget = (key: string): void => {
    courses.current.delete(key);
    setIncoming(all => all.filter(one => one.key !== key));
  };
  const looked = async (): Promise<Room | null | undefined> => {
    // A server that is away for a moment has not said that it takes none.
    const found = await api?.request<UploadList>(['uploads']).catch(refusal);
    setRoom(found);
    return found;
  };
  React.useEffect(() => {
    const { current } = courses;
    return () => current.forEach(({ abort }) => abort.abort());
  }, []);

  const begin = (file: File): void => {
    const key = newId();
    const abort = new AbortController();
    const course = { abort, id: '' };
    courses.current.set(key, course);
    setIncoming(all => [...all, { key, name: file.name, size: file.size, received: 0, cut: false, fault: null }]);
    const told = (received: number, cut: boolean): void => change(key, { received, cut });
    const begun = (id: string): void => void (course.id = id);
    sendFile(api!, file, { signal: abort.signal, told, begun }).then(
      upload => {
        forget(key);
        take.current(attachedOf(upload, trans));
        void looked();
      },
      thrown => {
        if (abort.signal.aborted) {
          forget(key);
        } else {
          courses.current.delete(key);
          change(key, { fault: asFault(thrown) });
        }
      }
    );
  };

  return {
    room,
    look: () => void looked(),
    incoming,
    async bring(files) {
      const refuse = (name: string, size: number, message: string, hint: string): void => {
        const fault = { code: Code.INVALID_INPUT, message, hint };
        setIncoming(all => [...all, { key: newId(), name, size, received: 0, cut: false, fault }]);
      };
      if (files.length > MOST_AT_ONCE) {
        const name = trans._n('%1 file', '%1 files', files.length);
        refuse(name, 0, trans.__('At most %1 files are taken at once.', MOST_AT_ONCE), trans.__('Bring fewer.'));
        return;
      }
      const known = room ?? (await looked());
      for (const file of files) {
        const problem = problemOf(file, known, trans);
        if (problem || 'folder' in file) {
          refuse(file.name, 0, ...problem!);
        } else {
          begin(file);
        }
      }
    },
    drop(key) {
      const course = courses.current.get(key);
      course?.abort.abort();
      forget(key);
      if (course?.id) {
        api?.request(['uploads', course.id], { method: 'DELETE' }).catch(() => undefined);
      }
    },
    remove({ ref = '' }) {
      api?.request(['uploads', ref.replace(/^upload /, '')], { method: 'DELETE' }).catch(() => undefined);
    }
  };
}

const refusal = (thrown: unknown): null | undefined => (asFault(thrown).code === Code.FORBIDDEN ? null : undefined);

/** What can be told before a byte is sent: message and hint. */
export function problemOf(file: File | Directory, room: Room | null | undefined, trans: Trans): [string, string] | null {
  if ('folder' in file) {
    return [trans.__('This is a folder.'), trans.__('Bring the files in it one by one.')];
  }
  if (!file.size) {
    return [trans.__('This file is empty.'), trans.__('There is nothing in it to ask about.')];
  }
  const { largest = 0, types = [] } = room ?? {};
  if (largest && file.size > largest) {
    const most = trans.__('At most %1 are taken; this file has %2.', megabytes(largest), megabytes(file.size));
    return [most, trans.__('Read it in the notebook instead.')];
  }
  const ending = /\.([^.]*)$/.exec(file.name)?.[1].toLowerCase() ?? '';
  if (types.length && !types.includes(ending)) {
    return [trans.__('Files of this kind are not taken.'), trans.__('These are, among others: %1.', usual(types).join(', '))];
  }
  return null;
}

/** A few of many, the best known ones first. */
function usual(types: readonly string[]): string[] {
  const known = ['csv', 'parquet', 'xlsx', 'json', 'joblib', 'pkl', 'onnx', 'safetensors'].filter(one => types.includes(one));
  return [...new Set([...known, ...types])].slice(0, 8);
}

export function megabytes(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [Math.max(0.1, bytes / 1e3), 'kB'] : [bytes / 1e6, 'MB'];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

function attachedOf({ id, name, bytes, contents = {} }: Upload, trans: Trans): Attached {
  const { kind = '', verdict = '', imports = [], reasons = [] } = contents;
  const says = {
    '': '',
    safe_looking: trans.__('Nothing in it looks dangerous.'),
    unknown_imports: trans.__('Loading it would import what is not known here.'),
    dangerous: trans.__('Loading it could run code that does harm.')
  }[verdict];
  return {
    kind: 'file',
    ref: `upload ${id}`,
    name,
    found: [kind, megabytes(bytes)].filter(Boolean).join(', '),
    warning: verdict === 'dangerous' || verdict === 'unknown_imports',
    text: [says, ...reasons, imports.length ? trans.__('It names: %1', imports.join(', ')) : ''].filter(Boolean).join('\n')
  };
}
