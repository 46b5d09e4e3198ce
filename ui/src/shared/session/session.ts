/** Who is signed in. A credential is in a cookie that scripts cannot read, or in memory; it is never kept. */
import type { Credentials } from "../api/client.ts";

export interface Person {
  /** As the change log names them, such as `email:a@example.com`. */
  readonly actor: string;
}

export type SessionState =
  | { readonly kind: "unknown" }
  | { readonly kind: "out"; readonly wasIn: boolean }
  | { readonly kind: "in"; readonly person: Person; readonly credentials: Credentials };

export class Session {
  #state: SessionState = { kind: "unknown" };
  readonly #listeners = new Set<() => void>();

  get = (): SessionState => this.#state;

  credentials = (): Credentials => (this.#state.kind === "in" ? this.#state.credentials : { kind: "none" });

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  signedIn(person: Person, credentials: Credentials): void {
    this.#set({ kind: "in", person, credentials });
  }

  /** The server does not know the credential any more, or there never was one. */
  signedOut = (): void => {
    if (this.#state.kind === "out") return;
    this.#set({ kind: "out", wasIn: this.#state.kind === "in" });
  };

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
