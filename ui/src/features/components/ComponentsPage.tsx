import { useState, type ReactNode } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ServicesProvider, useNow } from "@/shared/services.ts";
import { Densities } from "./Densities.tsx";
import { Editing } from "./Editing.tsx";
import { Moving } from "./Moving.tsx";
import { Parts } from "./Parts.tsx";
import { Sample } from "./Sample.tsx";
import { States } from "./States.tsx";
import { answers } from "./samples.ts";
import { standIn } from "./standIn.ts";
import styles from "./components.module.css";

export interface ComponentsPageProps {
  /** Those of features that the shell shows, by their names. */
  readonly also?: readonly (readonly [name: string, shown: ReactNode])[];
}

/** Every component in every state: what somebody who changes one looks at, in both themes. Development builds alone have it. */
export function ComponentsPage({ also = [] }: ComponentsPageProps) {
  const now = useNow(60);
  // Nothing of it is asked of the server, or sent there.
  const [services] = useState(() => standIn(answers(now)));
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: false } } }));
  return (
    <ServicesProvider value={services}>
      <QueryClientProvider client={queries}>
        <div className={styles.page}>
          <h1>Components</h1>
          <Densities />
          <States />
          <Parts />
          <Editing />
          <Moving />
          {also.map(([name, shown]) => (
            <Sample key={name} name={name}>
              {shown}
            </Sample>
          ))}
        </div>
      </QueryClientProvider>
    </ServicesProvider>
  );
}
