import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";

export interface PromotionLinkProps {
  readonly project: string;
  readonly promotion: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** The page of a Promotion, from wherever one is named. */
export function PromotionLink({ project, promotion, className, children }: PromotionLinkProps) {
  return (
    <Link to="/p/$project/promotion/$promotion" params={{ project, promotion }} className={className}>
      {children}
    </Link>
  );
}
