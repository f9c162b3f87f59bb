/** Which kernel a notebook has, whether it is open here or not. */
import type { Session } from '@jupyterlab/services';
import type { Sessions } from '../ui/host';

export function labSessions(manager: Session.IManager): Sessions {
  return {
    kernelOf(notebook) {
      for (const { path, kernel } of manager.running()) {
        if (path === notebook && kernel) {
          return kernel.id;
        }
      }
      return '';
    },
    onChange(listener) {
      const slot = (): void => listener();
      manager.runningChanged.connect(slot);
      return () => void manager.runningChanged.disconnect(slot);
    }
  };
}
