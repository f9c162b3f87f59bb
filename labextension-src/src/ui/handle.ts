/** What commands of the page can do to a chat that is shown. */
export interface Handle {
  /** Begin a new conversation. */
  begin(): void;
  /** Stop what runs. */
  stop(): void;
  /** Is there something to stop? */
  running(): boolean;
  /** Show a page over the log. */
  open(sheet: string, about?: string): void;
  focus(): void;
}
