import { useEffect, useMemo, useState } from "react";
import { MantineProvider, createTheme } from "@mantine/core";
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { SignIn } from "@/features/signin/SignIn.tsx";
import { ServicesProvider, useServices, useSession, type Services } from "@/shared/services.ts";
import { resume } from "@/shared/session/signingIn.ts";
import { useScheme } from "@/shared/theme/theme.ts";
import { makeRouter } from "./router.tsx";
import { apiWith } from "./services.ts";

const theme = createTheme({ cursorType: "pointer", respectReducedMotion: true });

export function App({ services }: { readonly services: Services }) {
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { staleTime: 10_000, retry: 1, refetchOnWindowFocus: false } } }));
  return (
    <ServicesProvider value={services}>
      <QueryClientProvider client={queries}>
        <Themed />
      </QueryClientProvider>
    </ServicesProvider>
  );
}

function Themed() {
  const scheme = useScheme();
  const router = useMemo(() => makeRouter(), []);
  return (
    <MantineProvider theme={theme} forceColorScheme={scheme} withCssVariables={false} withGlobalClasses={false} deduplicateCssVariables={false}>
      <RouterProvider router={router} />
      <Door />
    </MantineProvider>
  );
}

/** The sign-in sheet, over whatever page is there. */
function Door() {
  const state = useSession();
  useResumed();
  useAskedAgain();
  if (state.kind !== "out") return null;
  return <SignIn wasIn={state.wasIn} apiWith={apiWith} />;
}

/** Ask the server once who this browser's cookie is of, for as long as it takes to be answered. */
function useResumed(): void {
  const { api, session, clock } = useServices();
  useEffect(() => {
    let cancel: () => void = () => undefined;
    let isOver = false;
    const ask = () => {
      resume(api, session).catch(() => {
        if (!isOver) cancel = clock.after(1_500, ask);
      });
    };
    if (session.get().kind === "unknown") ask();
    return () => {
      isOver = true;
      cancel();
    };
  }, [api, session, clock]);
}

/** What was refused while nobody was signed in is asked for again; what somebody else was answered is forgotten. */
function useAskedAgain(): void {
  const { session } = useServices();
  const queries = useQueryClient();
  useEffect(() => {
    let last = "";
    return session.subscribe(() => {
      const state = session.get();
      if (state.kind !== "in") return;
      if (last !== "" && last !== state.person.actor) void queries.resetQueries();
      else void queries.refetchQueries({ predicate: (query) => query.state.status === "error" });
      last = state.person.actor;
    });
  }, [session, queries]);
}
