/** What a person may set for the panels of their browser. Nothing secret is among it: pages can read it. */
import * as React from 'react';
import { useApp } from './app';

export interface Settings {
  /** Which key sends; the others begin a line. */
  sendWith: 'enter' | 'shift-enter' | 'accel-enter';
  /** How what an llm thinks is shown. */
  thinking: 'folded' | 'open' | 'hidden';
  /** Minutes out of sight after which an idle connection is given up; 0: never. */
  idleMinutes: number;
}

export const DEFAULTS: Settings = { sendWith: 'enter', thinking: 'folded', idleMinutes: 5 };

const FITS: { readonly [K in keyof Settings]: (value: unknown) => boolean } = {
  sendWith: value => value === 'enter' || value === 'shift-enter' || value === 'accel-enter',
  thinking: value => value === 'folded' || value === 'open' || value === 'hidden',
  idleMinutes: value => typeof value === 'number' && value >= 0 && value <= 1440
};

/** Whatever was stored: what does not fit counts as not set. */
export function settingsOf(stored: unknown): Settings {
  const given = typeof stored === 'object' && stored !== null ? (stored as { [name: string]: unknown }) : {};
  const fitting = Object.entries(FITS).filter(([name, fits]) => fits(given[name]));
  return { ...DEFAULTS, ...Object.fromEntries(fitting.map(([name]) => [name, given[name]])) };
}

export interface SettingsStore {
  now(): Settings;
  /** Returns what ends it. */
  onChange(listener: () => void): () => void;
}

export function useSettingsOf(store: SettingsStore | undefined): Settings {
  const [settings, setSettings] = React.useState(() => store?.now() ?? DEFAULTS);
  React.useEffect(() => {
    setSettings(store?.now() ?? DEFAULTS);
    return store?.onChange(() => setSettings(store.now()));
  }, [store]);
  return settings;
}

export function useSettings(): Settings {
  return useSettingsOf(useApp().host.settings);
}

/** Is this the key that sends? An Enter that ends the choice of a character is not meant for us. */
export function sends(settings: Settings, event: React.KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) {
    return false;
  }
  const accel = event.ctrlKey || event.metaKey;
  const held = { enter: !event.shiftKey && !accel, 'shift-enter': event.shiftKey, 'accel-enter': accel };
  return held[settings.sendWith];
}
