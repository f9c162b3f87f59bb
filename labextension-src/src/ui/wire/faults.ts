/** What a refused request says, or what can be said of one that says nothing. */
import { Code, type FaultRecord } from '../../protocol.gen';

export async function faultOf(response: Response): Promise<FaultRecord> {
  const told: unknown = await response.json().catch(() => null);
  const fault = (told as { fault?: FaultRecord } | null)?.fault;
  const message = `The server answered ${response.status}.`;
  return fault ?? { code: Code.INTERNAL, message, hint: 'Try again, or reload the page.' };
}

/** Whatever was thrown, as one. */
export function asFault(thrown: unknown): FaultRecord {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    return thrown as FaultRecord;
  }
  return { code: Code.INTERNAL, message: 'The server was not reached.', hint: 'Try again in a moment.' };
}
