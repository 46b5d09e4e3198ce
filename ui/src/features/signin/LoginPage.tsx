import { useEffect, useState } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { words } from "@/shared/api/client.ts";
import { Empty, Loading } from "@/shared/parts/Panel.tsx";
import { useServices } from "@/shared/services.ts";
import { withCode } from "@/shared/session/signingIn.ts";

export interface LoginSearch {
  readonly code?: string;
  readonly state?: string;
  readonly error?: string;
}

/** Where the identity provider sends people back to: the sign-in is finished, and the page they came from is opened. */
export function LoginPage() {
  const { api, session } = useServices();
  const navigate = useNavigate();
  const { code = "", state = "", error = "" }: LoginSearch = useSearch({ strict: false });
  const [problem, setProblem] = useState(error);
  useEffect(() => {
    if (code === "") return;
    withCode(api, session, code, state).then(
      (path) => void navigate({ href: path, replace: true }),
      (reason: unknown) => setProblem(words(reason)),
    );
  }, [api, session, navigate, code, state]);
  if (code !== "" && problem === "") return <Loading what="your session" />;
  return (
    <Empty title={problem === "" ? "There is nothing to finish here" : "The sign-in was not finished"}>
      <p>{problem}</p>
      <p>
        <a href=".">Begin again</a>
      </p>
    </Empty>
  );
}
