/** A block of an event stream. Without `data` it is no event, but it may have a new `id`. */
export interface Block {
  event: string;
  data: string | null;
  id: string | null;
  /** Milliseconds after which to come back. */
  retry: number | null;
}

/** Reads Server-Sent Events from pieces of text that are cut anywhere. */
export class BlockParser {
  #rest = '';
  #lines: string[] = [];

  /** The blocks that are complete now. */
  *push(text: string): Generator<Block, void, undefined> {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?=[^\n])/);
    // The last line goes on, or ends with half of a line break.
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') this.#lines.push(line);
      else if (this.#lines.length > 0) yield block(this.#lines.splice(0));
    }
  }
}

function block(lines: string[]): Block {
  const found: Block = { event: 'message', data: null, id: null, retry: null };
  for (const line of lines) {
    const [, name, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'event') found.event = value;
    else if (name === 'id') found.id = value;
    else if (name === 'data') found.data = found.data === null ? value : `${found.data}\n${value}`;
    else if (name === 'retry' && /^\d+$/.test(value)) found.retry = Number(value);
  }
  return found;
}
