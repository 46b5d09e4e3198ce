import page from "../parts/page.module.css";
import { useLiveness } from "../services.ts";
import { useMoving, type MoveKind } from "./address.ts";

export interface MoveButtonProps {
  readonly kind: MoveKind;
  readonly label: string;
  readonly stages?: readonly string[];
  readonly freight?: string;
  /** Where the page is of no Project, or of another. */
  readonly project?: string;
}

/** Opens the one sheet for a move, from whatever page. */
export function MoveButton({ kind, label, stages = [], freight = "", project }: MoveButtonProps) {
  const moving = useMoving();
  const { mayAct } = useLiveness();
  return (
    <button
      type="button"
      className={page.button}
      disabled={!mayAct}
      title={mayAct ? undefined : "What is shown may be out of date"}
      onClick={() => (project === undefined ? moving.open(kind, stages, freight) : moving.openIn(project, kind, stages, freight))}
    >
      {label}…
    </button>
  );
}
