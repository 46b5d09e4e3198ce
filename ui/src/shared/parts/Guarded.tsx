import { Component, type ReactNode } from "react";

interface GuardedProps {
  readonly children: ReactNode;
  /** What stands where the children cannot be drawn. */
  readonly instead: (error: unknown) => ReactNode;
  /** When it changes, the children are tried again. */
  readonly of?: unknown;
}

interface GuardedState {
  readonly error: unknown;
  readonly of: unknown;
}

/** One bad object never takes a page down: each cell, panel and page stands in one of these. */
export class Guarded extends Component<GuardedProps, GuardedState> {
  override state: GuardedState = { error: null, of: this.props.of };

  static getDerivedStateFromError(error: unknown): Partial<GuardedState> {
    return { error: error ?? new Error("unknown") };
  }

  static getDerivedStateFromProps(props: GuardedProps, state: GuardedState): Partial<GuardedState> | null {
    return props.of === state.of ? null : { error: null, of: props.of };
  }

  override render(): ReactNode {
    return this.state.error === null ? this.props.children : this.props.instead(this.state.error);
  }
}
