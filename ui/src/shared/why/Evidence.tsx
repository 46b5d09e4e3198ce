import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import { PromotionLink } from "../parts/PromotionLink.tsx";
import type { EvidenceOf } from "./read.ts";

/** The objects by which a gate is open or shut, each with the way to its page where it has one. */
export function Evidence({ project, evidence }: { readonly project: string; readonly evidence: readonly EvidenceOf[] }) {
  if (evidence.length === 0) return null;
  return (
    <p data-evidence="">
      By:{" "}
      {evidence.map((each, place) => (
        <span key={`${each.kind}/${each.name}`}>
          {place > 0 && ", "}
          {each.kind} {named(project, each)}
        </span>
      ))}
    </p>
  );
}

function named(project: string, { kind, name }: EvidenceOf): ReactNode {
  switch (kind) {
    case "Promotion":
      return (
        <PromotionLink project={project} promotion={name}>
          {name}
        </PromotionLink>
      );
    case "Stage":
      return (
        <Link to="/p/$project/stage/$stage" params={{ project, stage: name }}>
          {name}
        </Link>
      );
    case "Freight":
      return (
        <Link to="/p/$project/freight/$freight" params={{ project, freight: name }}>
          {name.slice(0, 7)}
        </Link>
      );
    case "Warehouse":
      return (
        <Link to="/p/$project/warehouse/$warehouse" params={{ project, warehouse: name }}>
          {name}
        </Link>
      );
    default:
      return name;
  }
}
