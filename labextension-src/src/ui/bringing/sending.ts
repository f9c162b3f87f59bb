/** A file on its way to the server: in pieces, so that a cut costs one of them, and gone on with after it. */
import { Code, type FaultRecord, type Upload } from '../../protocol.gen';
import type { Api } from '../wire/api';

export const PIECE_BYTES = 4 << 20;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export interface Course {
  signal: AbortSignal;
  /** The server has so many bytes of it; `cut` while it is not reached. */
  told: (received: number, cut: boolean) => void;
  begun: (id: string) => void;
  pause?: (milliseconds: number) => Promise<void>;
}

const later = (milliseconds: number): Promise<void> => new Promise(resolve => window.setTimeout(resolve, milliseconds));

/** Rejects with a `FaultRecord`, or with whatever aborted it. */
export async function sendFile(
  api: Api,
  file: File,
  { signal, told, begun, pause = later }: Course
): Promise<Upload> {
  let received = 0;
  const stubborn = async (attempt: () => Promise<Upload>): Promise<Upload> => {
    for (let tries = 0; ; tries++) {
      signal.throwIfAborted();
      try {
        return await attempt();
      } catch (thrown) {
        if (signal.aborted || !isCut(thrown)) {
          throw thrown;
        }
        told(received, true);
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries));
      }
    }
  };
  // Without a byte first: whatever is cut after this has an id to be gone on with.
  const { name, size } = file;
  const query = { name, size };
  let upload = await stubborn(() => api.request(['uploads'], { method: 'POST', query, bytes: new Blob(), signal }));
  const path = ['uploads', upload.id];
  begun(upload.id);
  /** Whether the server has as much of it as was heard last. */
  let sure = true;
  while (upload.state === 'receiving') {
    ({ received } = upload);
    told(received, false);
    upload = await stubborn(async () => {
      const bytes = file.slice(received, received + PIECE_BYTES);
      const request = sure ? { method: 'PATCH' as const, query: { offset: received }, bytes, signal } : { signal };
      sure = false;
      const answer = await api.request<Upload>(path, request);
      sure = true;
      return answer;
    });
  }
  if (upload.state !== 'complete') {
    const gone: FaultRecord = { code: Code.CONFLICT, message: 'The server has dropped the file.', hint: 'Bring it again.' };
    throw gone;
  }
  return upload;
}

/** Nothing was answered, or the server asks to try again; what it refuses it refuses for good. */
function isCut(thrown: unknown): boolean {
  const { code, retryable } = thrown as { code?: unknown; retryable?: boolean };
  return typeof code !== 'string' || retryable === true;
}
