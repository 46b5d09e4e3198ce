/** Reading Server-Sent Events from bytes, as the standard has them. */

export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Takes text in any pieces and yields the events that are complete. */
export class EventReader {
  #rest = "";
  #id = "";
  #event = "";
  #data: string[] = [];

  read(text: string): ServerEvent[] {
    const found: ServerEvent[] = [];
    // A carriage return at the end may be the half of one line end.
    const whole = this.#rest + text;
    const held = whole.endsWith("\r") ? whole.slice(0, -1) : whole;
    const lines = held.split(/\r\n|\r|\n/);
    this.#rest = (lines.pop() ?? "") + whole.slice(held.length);
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length > 0) found.push({ id: this.#id, event: this.#event || "message", data: this.#data.join("\n") });
        this.#event = "";
        this.#data = [];
      } else if (!line.startsWith(":")) {
        this.#field(line);
      }
    }
    return found;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id" && !value.includes("\0")) this.#id = value;
    if (name === "event") this.#event = value;
    if (name === "data") this.#data.push(value);
  }
}
