/** Whether the panel is on the screen: not behind another one, and not in a tab of the browser that nobody looks at. */
import { Signal } from '@lumino/signaling';
import type { Sight } from '../ui/wire/idle';

export class PanelSight implements Sight {
  constructor() {
    document.addEventListener('visibilitychange', this.look);
  }

  seen(): boolean {
    return this.shown && document.visibilityState === 'visible';
  }

  onChange(listener: () => void): () => void {
    const slot = (): void => listener();
    this.changed.connect(slot);
    return () => void this.changed.disconnect(slot);
  }

  show(shown: boolean): void {
    this.shown = shown;
    this.look();
  }

  dispose(): void {
    document.removeEventListener('visibilitychange', this.look);
  }

  private readonly look = (): void => this.changed.emit();
  private readonly changed = new Signal<this, void>(this);
  private shown = false;
}
