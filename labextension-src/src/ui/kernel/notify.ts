/** Whether this person wants to hear of what ends while they look elsewhere. Kept in their browser. */
const KEY = 'jupyter-mlchat:notify';

export function wanted(): boolean {
  try {
    return 'Notification' in window && Notification.permission === 'granted' && window.localStorage.getItem(KEY) === 'yes';
  } catch {
    return false;
  }
}

/** Switch it on or off; the browser asks the person when it has to. Returns why it stays off, or "". */
export async function want(on: boolean): Promise<'' | 'unable' | 'denied'> {
  try {
    if (!on) {
      window.localStorage.removeItem(KEY);
      return '';
    }
    if (!('Notification' in window)) {
      return 'unable';
    }
    if ((await Notification.requestPermission()) !== 'granted') {
      return 'denied';
    }
    window.localStorage.setItem(KEY, 'yes');
    return '';
  } catch {
    return 'unable';
  }
}

export function tell(title: string, body: string): void {
  try {
    const told = new Notification(title, { body, tag: `${title} ${body}` });
    told.onclick = () => {
      window.focus();
      told.close();
    };
  } catch {
    // Some browsers show them only from a worker.
  }
}
