import { ComponentsPage } from "@/features/components/ComponentsPage.tsx";
import { GuideCard } from "@/features/guide/GuideCard.tsx";
import { STEPS } from "@/features/guide/steps.ts";

const ALSO = [["GuideCard", STEPS.map((step) => <GuideCard key={step.number} project="shop" step={step} onAway={() => undefined} />)]] as const;

/** The page of all components, with those of features that stand beside every screen: one feature does not know another. */
export function Components() {
  return <ComponentsPage also={ALSO} />;
}
