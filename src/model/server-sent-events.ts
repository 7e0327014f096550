/** One event of a stream. */
export interface ServerSentEvent {
  /** The event's type; undefined where the server does not name it. */
  readonly event?: string | undefined;
  readonly data: string;
  /** The stream ended in the middle of its last line. */
  readonly isCut?: boolean;
}

/**
 * Reads server-sent events as the HTML standard defines them, with three tolerances that real servers need: a line that begins with
 * `{` is data without its field name, a field `error` is an event of that type, and the last event counts without the empty line after it.
 */
export class ServerSentEventReader {
  #line = "";
  #endedInReturn = false;
  #isFirstLine = true;
  #event: string | undefined;
  #data: string[] = [];

  /** Takes the next piece of decoded text; returns the events that are complete. */
  push(text: string): ServerSentEvent[] {
    // a line break may be CR LF, cut between the two
    const rest = this.#endedInReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.#endedInReturn = text.endsWith("\r");
    const [first = "", ...others] = rest.split(/\r\n|\n|\r/);
    this.#line += first;
    const events: ServerSentEvent[] = [];
    for (const next of others) {
      events.push(...this.#readLine(this.#line));
      this.#line = next;
    }
    return events;
  }

  /** The event that the end of the stream completes. */
  end(): ServerSentEvent[] {
    const isCut = this.#line !== "";
    const events = [...this.#readLine(this.#line), ...this.#dispatch()];
    this.#line = "";
    return isCut ? events.map((event) => ({ ...event, isCut })) : events;
  }

  #readLine(given: string): ServerSentEvent[] {
    const line = this.#isFirstLine ? given.replace(/^\uFEFF/, "") : given;
    this.#isFirstLine = false;
    if (line === "") return this.#dispatch();
    if (line.startsWith("{")) {
      this.#data.push(line);
      return [];
    }
    const colon = line.indexOf(":");
    const [field, value] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    // not a field of the standard: llama-server has written its errors so
    else if (field === "error" && value !== "") {
      this.#event = "error";
      this.#data.push(value);
    }
    return [];
  }

  #dispatch(): ServerSentEvent[] {
    const [event, data] = [this.#event, this.#data];
    this.#event = undefined;
    this.#data = [];
    return data.length === 0 ? [] : [{ event, data: data.join("\n") }];
  }
}
