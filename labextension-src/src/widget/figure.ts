/** A figure over the widget's own messages, where there is no server to fetch it from. */
import { newId } from '../ui/wire/ids';
import type { Display } from '../ui/turns/picture';
import type { Down, Model } from './model';

/** A kernel in a cell draws when that has ended. */
const PATIENCE_MS = 60_000;

export function figureOf(model: Model, ref: string): Promise<Display> {
  const view = newId();
  return new Promise((resolve, reject) => {
    const end = (): void => {
      window.clearTimeout(timer);
      model.off('msg:custom', hear);
    };
    const hear = (message: Down): void => {
      if (message.view !== view || message.kind !== 'figure') {
        return;
      }
      end();
      if (message.mime && message.data) {
        resolve({ mime: message.mime, data: message.data });
      } else {
        reject(new Error(message.text ?? 'There is no such figure.'));
      }
    };
    const timer = window.setTimeout(() => {
      end();
      reject(new Error('The kernel does not answer.'));
    }, PATIENCE_MS);
    model.on('msg:custom', hear);
    model.send({ view, kind: 'figure', ref });
  });
}
