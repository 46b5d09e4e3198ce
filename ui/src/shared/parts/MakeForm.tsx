import type { ReactNode, SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "../api/client.ts";
import { ActButton } from "./ActButton.tsx";
import page from "./page.module.css";

export interface MakeFormProps<Made> {
  /** What the form is called where its heading does not say it. */
  readonly label?: string;
  /** What the button says. */
  readonly button: string;
  /** Why nothing can be made, such as the right that is missing; empty where it can. */
  readonly why?: string;
  /** Fields beside one another, as many as there is room for. */
  readonly isRow?: boolean;
  readonly make: () => Promise<Made>;
  readonly onMade: (made: Made) => unknown;
  /** What is shown of what was made, until it is put away; nothing of it is kept. */
  readonly shown?: (made: Made, putAway: () => void) => ReactNode;
  readonly children: ReactNode;
}

/** A form that makes one thing: its fields, a button that says why it is off, and what the server refuses, in its words. */
export function MakeForm<Made>({ label, button, why = "", isRow = false, make, onMade, shown, children }: MakeFormProps<Made>) {
  const making = useMutation({ mutationFn: make, onSuccess: async (made) => await onMade(made), gcTime: 0 });
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    making.mutate();
  };
  return (
    <>
      <form className={isRow ? page.row : page.form} onSubmit={onSubmit} aria-label={label}>
        {children}
        <ActButton look="primary" type="submit" why={why} isBusy={making.isPending}>
          {button}
        </ActButton>
      </form>
      {making.error !== null && (
        <p role="alert" className={page.refused}>
          {words(making.error)}
        </p>
      )}
      {making.data !== undefined && shown?.(making.data, making.reset)}
    </>
  );
}
