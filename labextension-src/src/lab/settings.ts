/** JupyterLab's settings of this plugin. Where they can't be read the defaults hold. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { DEFAULTS, type Settings, type SettingsStore, settingsOf } from '../ui/settings';

export function labSettings(registry: ISettingRegistry | null, plugin: string): SettingsStore {
  const listeners = new Set<() => void>();
  let now: Settings = DEFAULTS;
  void registry?.load(plugin).then(
    stored => {
      const take = (): void => {
        now = settingsOf(stored.composite);
        listeners.forEach(listener => listener());
      };
      stored.changed.connect(take);
      take();
    },
    () => console.warn('ML Chat: its settings could not be read; the defaults are used.')
  );
  return {
    now: () => now,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    }
  };
}
