/** The panel of JupyterLab and Notebook 7. Nothing is connected before it is first seen. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import { ChatApp } from '../ui/ChatApp';
import type { Host } from '../ui/host';
import type { Transport } from '../ui/wire/transport';
import { chatIcon } from './icon';

export const PANEL_ID = 'jupyter-mlchat-panel';

export class MLChatPanel extends ReactWidget {
  constructor(
    private readonly host: Host,
    private readonly connect: () => Transport
  ) {
    super();
    this.id = PANEL_ID;
    this.addClass('mlc-panel');
    this.title.icon = chatIcon;
    this.title.caption = 'ML Chat';
  }

  override dispose(): void {
    this.transport?.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element | null {
    return this.transport && <ChatApp transport={this.transport} host={this.host} />;
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.wake();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.wake();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.wake();
    void this.renderPromise?.then(() => this.node.querySelector('textarea')?.focus());
  }

  private wake(): void {
    if (!this.transport) {
      this.transport = this.connect();
      this.update();
    }
  }

  private transport: Transport | null = null;
}
