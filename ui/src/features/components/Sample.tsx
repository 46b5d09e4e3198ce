import type { ReactNode } from "react";
import { ApiError } from "@/shared/api/client.ts";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { Problem } from "@/shared/parts/Panel.tsx";
import styles from "./components.module.css";

/** A component under its name, in each of its states; one that cannot be drawn does not take the others with it. */
export function Sample({ name, isRow = false, children }: { readonly name: string; readonly isRow?: boolean; readonly children: ReactNode }) {
  return (
    <section data-sample={name}>
      <h2>{name}</h2>
      <Guarded instead={(error) => <Problem what={name} error={error} retry={nothing} />}>
        <div className={isRow ? styles.row : styles.stack}>{children}</div>
      </Guarded>
    </section>
  );
}

export const nothing = (): void => undefined;
export const done = (): Promise<void> => Promise.resolve();
export const refused = (): Promise<never> => Promise.reject(new ApiError(409, "somebody else has changed it", "4f2a9c"));
