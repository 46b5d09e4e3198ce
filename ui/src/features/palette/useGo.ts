import { useNavigate } from "@tanstack/react-router";
import { useOpenView } from "@/shared/views/useViews.ts";
import type { Goal } from "./read.ts";

/** Go where a hit leads: Freight opens as the lens of its board. */
export function useGo(): (goal: Goal) => void {
  const navigate = useNavigate();
  const openView = useOpenView();
  return (goal) => {
    switch (goal.kind) {
      case "action":
        goal.run();
        return;
      case "view":
        openView(goal.place);
        return;
      case "project":
        void navigate({ to: "/p/$project", params: { project: goal.project } });
        return;
      case "stage":
        void navigate({ to: "/p/$project/stage/$stage", params: { project: goal.project, stage: goal.stage } });
        return;
      case "freight":
        void navigate({ to: "/p/$project", params: { project: goal.project }, search: { freight: goal.freight } });
        return;
      case "actor":
        void navigate({ to: "/history", search: { actor: goal.actor, ...(goal.project === "" ? {} : { project: goal.project }) } });
    }
  };
}
