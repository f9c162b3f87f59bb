/** The browser's own storage as a `Keep`. One that keeps nothing, or is full, is no trouble. */
import type { Keep } from '../host';

export function localKeep(prefix: string): Keep {
  return {
    get(name) {
      try {
        return window.localStorage.getItem(prefix + name);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        if (value) {
          window.localStorage.setItem(prefix + name, value);
        } else {
          window.localStorage.removeItem(prefix + name);
        }
      } catch {
        // It is not there after a reload; nothing else depends on it.
      }
    }
  };
}
