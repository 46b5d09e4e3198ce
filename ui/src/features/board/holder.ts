import { useState } from "react";

/** What is asked for when something happens, and draws nothing when it changes. */
export interface Holder<Value> {
  readonly get: () => Value;
  readonly set: (value: Value) => void;
}

function holder<Value>(first: Value): Holder<Value> {
  let value = first;
  return {
    get: () => value,
    set: (next) => {
      value = next;
    },
  };
}

export function useHolder<Value>(first: Value): Holder<Value> {
  const [made] = useState(() => holder(first));
  return made;
}
