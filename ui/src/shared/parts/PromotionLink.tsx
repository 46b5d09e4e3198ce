import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";

export interface PromotionLinkProps {
  readonly project: string;
  readonly promotion: string;
  readonly className?: string | undefined;
  /** What a screen reader says of it, where what is seen does not say of which Stage it is. */
  readonly label?: string | undefined;
  readonly children: ReactNode;
}

/** The page of a Promotion, from wherever one is named. */
export function PromotionLink({ project, promotion, className, label, children }: PromotionLinkProps) {
  return (
    <Link to="/p/$project/promotion/$promotion" params={{ project, promotion }} className={className} aria-label={label}>
      {children}
    </Link>
  );
}
