import { useId } from "react";
import { useLiveness } from "../services.ts";
import page from "./page.module.css";

export interface ActButtonProps {
  readonly children: string;
  readonly look?: "button" | "primary" | "danger";
  readonly type?: "button" | "submit";
  /** Why it cannot be pressed, such as the right that is missing; empty where it can. */
  readonly why?: string;
  readonly isBusy?: boolean;
  readonly onClick?: () => void;
}

/** A button that changes something: off while the page is not live, and where it is off, it says why. */
export function ActButton({ children, look = "button", type = "button", why = "", isBusy = false, onClick }: ActButtonProps) {
  const { mayAct } = useLiveness();
  const id = useId();
  const said = why || (mayAct ? "" : "It can be sent when the page is live again.");
  return (
    <span className={page.act}>
      <button type={type} className={page[look]} disabled={said !== "" || isBusy} aria-describedby={said === "" ? undefined : id} onClick={onClick}>
        {children}
      </button>
      {said !== "" && (
        <span id={id} className={page.why}>
          {said}
        </span>
      )}
    </span>
  );
}
