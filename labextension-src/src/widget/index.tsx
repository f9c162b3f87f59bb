/** `ChatPanel` in a cell's output: an anywidget module. */
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import base from '../../style/index.css';
import { ChatApp } from '../ui/ChatApp';
import { SocketTransport } from '../ui/wire/socket';
import { bound } from './bound';
import { WidgetHost } from './host';
import type { Card, Model } from './model';
import { RelaySocket } from './relay';
import { type Server, serverOf } from './server';
import own from './widget.css';

export default { render };

/** anywidget calls this for each view, and what it returns when the view is removed. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  let removed = false;
  let unmount = (): void => undefined;
  void serverOf(model.get('kernel')).then(server => {
    if (!removed) {
      unmount = mount(model, el, server);
    }
  });
  return () => {
    removed = true;
    unmount();
  };
}

function mount(model: Model, el: HTMLElement, server: Server | null): () => void {
  const style = document.createElement('style');
  style.textContent = base + own;
  const place = document.createElement('div');
  el.append(style, place);
  place.className = 'mlc-widget';
  place.dataset.transport = server ? 'socket' : 'messages';
  place.addEventListener('focusin', ({ target }) => {
    // The notebook's keys would take Enter from a button; those of a text field it leaves alone.
    place.toggleAttribute('data-lm-suppress-shortcuts', !(target as Element).matches('input, textarea, select'));
  });

  const host = new WidgetHost(model, server);
  const open = server ? () => server.socket() : () => new RelaySocket(model, host.report);
  let shown = model.get('conversation');
  const transport = bound(new SocketTransport(open), model, conversation => {
    shown = conversation;
    if (model.get('conversation') !== conversation) {
      model.set('conversation', conversation);
      model.save_changes();
    }
  });

  const root = createRoot(place);
  let opened = 0;
  const draw = (): void =>
    root.render(
      <React.Fragment>
        <Cards cards={model.get('models')} />
        <div className="mlc-widget-chat">
          <ChatApp key={opened} transport={transport} host={host} />
        </div>
      </React.Fragment>
    );
  const follow = (): void => {
    const conversation = model.get('conversation');
    if (conversation && conversation !== shown) {
      // Python went on to another one: begin anew with it.
      shown = conversation;
      opened += 1;
      draw();
    }
  };
  const resize = (): void => {
    place.style.height = `${model.get('height')}px`;
  };
  resize();
  draw();
  model.on('change:conversation', follow);
  model.on('change:height', resize);
  return () => {
    model.off('change:conversation', follow);
    model.off('change:height', resize);
    root.unmount();
    transport.dispose();
    el.replaceChildren();
  };
}

/** The models that every question is about. */
function Cards({ cards }: { cards: Card[] }): JSX.Element | null {
  return cards.length ? (
    <ul className="mlc-widget-models" aria-label="Models asked about">
      {cards.map(card => (
        <li key={card.ref}>
          <code>{card.ref}</code> {card.class_name}
          {card.task && card.task !== 'unknown' ? `, ${card.task}` : ''}
        </li>
      ))}
    </ul>
  ) : null;
}
