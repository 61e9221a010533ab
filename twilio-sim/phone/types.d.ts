/** A text as it stands on a phone. */
export interface Text {
  sid: string;
  /** Written on the phone, not received by it. */
  own: boolean;
  /** The network's own answer to a keyword. */
  automatic: boolean;
  /** The number, short code or name at the other end. */
  with: string;
  /** The Messaging Service through which it came, or is known. */
  service?: string;
  body: string;
  media?: { sid: string; content_type: string }[];
  at: string;
  told?: "waiting" | "taken" | "refused";
}

export interface Phone {
  number: string;
  last: Text | null;
}

export interface Phones {
  /** From whom texts may come: numbers, short codes and names. */
  senders: string[];
  phones: Phone[];
}

export interface Screen {
  number: string;
  texts: Text[];
  /** The senders whose texts the phone does not want. */
  stopped: string[];
}

/** What goes wrong, in the simulator's words. */
export type Kind = { kind: string } & Record<string, string | number>;

/** A fault to script. */
export interface Fault {
  fault: Kind;
  to?: string;
  times?: number;
  rate?: number;
}

/** A fault in the script. */
export type Scripted = Fault & { id: number };
