import { ActButton } from "@/shared/parts/ActButton.tsx";
import { chooseDensity, useDensity, type Density } from "@/shared/theme/density.ts";
import styles from "./components.module.css";

const CHOICES: readonly Density[] = ["comfortable", "compact"];

/** How close rows stand: chosen as in the menu of whoever looks, so that all of the page is seen either way. */
export function Densities() {
  const density = useDensity();
  return (
    <div className={styles.row} role="group" aria-label="Density">
      {CHOICES.map((each) => (
        <ActButton key={each} look={each === density ? "primary" : "button"} onClick={() => chooseDensity(each)}>
          {each}
        </ActButton>
      ))}
    </div>
  );
}
