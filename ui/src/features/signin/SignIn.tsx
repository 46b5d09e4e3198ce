import { useEffect, useId, useState, type SyntheticEvent } from "react";
import { ApiError, words, type Api, type Credentials } from "@/shared/api/client.ts";
import { useServices } from "@/shared/services.ts";
import { providersPage, ways, withPassword, withToken, type Ways } from "@/shared/session/signingIn.ts";
import styles from "./signIn.module.css";

export interface SignInProps {
  /** Whether somebody was signed in until now: the page behind stays as it is. */
  readonly wasIn: boolean;
  readonly apiWith: (credentials: Credentials) => Api;
}

/** A sheet over the page. After it the same page is there, with whatever was typed into it. */
export function SignIn({ wasIn, apiWith }: SignInProps) {
  const { api } = useServices();
  const [offered, setOffered] = useState<Ways | null>(null);
  const [problem, setProblem] = useState("");
  const title = useId();
  useEffect(() => {
    ways(api).then(setOffered, (error: unknown) => setProblem(words(error)));
  }, [api]);
  return (
    <div className={styles.over}>
      <section className={styles.sheet} role="dialog" aria-modal="true" aria-labelledby={title}>
        <h1 id={title}>{wasIn ? "Sign in again" : "Sign in to Towpath"}</h1>
        {wasIn && <p className={styles.said}>Your session has ended. The page behind this stays as it was.</p>}
        {offered !== null && offered.provider !== "" && (
          <button
            type="button"
            className={styles.provider}
            onClick={() => {
              providersPage(api, location.pathname + location.search).then((page) => location.assign(page), (error: unknown) => setProblem(words(error)));
            }}
          >
            Go on with {offered.provider}
          </button>
        )}
        {offered?.password === true && <PasswordForm onProblem={setProblem} />}
        <TokenForm apiWith={apiWith} onProblem={setProblem} isFirst={offered?.password !== true} />
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      </section>
    </div>
  );
}

function PasswordForm({ onProblem }: { readonly onProblem: (text: string) => void }) {
  const { api, session } = useServices();
  return (
    <OneField
      label="Administrator's password"
      type="password"
      autoComplete="current-password"
      button="Sign in"
      isFirst
      onProblem={onProblem}
      run={(password) => withPassword(api, session, password)}
    />
  );
}

function TokenForm({ apiWith, onProblem, isFirst }: { readonly apiWith: SignInProps["apiWith"]; readonly onProblem: (text: string) => void; readonly isFirst: boolean }) {
  const { session } = useServices();
  return (
    <OneField
      label="Token"
      hint="A ServiceAccount's, or the administrator's, from the file admin-token of the data folder. It stays in this page's memory."
      type="password"
      autoComplete="off"
      button="Sign in with the token"
      isFirst={isFirst}
      onProblem={onProblem}
      run={(token) => withToken(apiWith, session, token)}
    />
  );
}

interface OneFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly type: "password";
  readonly autoComplete: string;
  readonly button: string;
  readonly isFirst: boolean;
  readonly onProblem: (text: string) => void;
  readonly run: (text: string) => Promise<void>;
}

function OneField({ label, hint, type, autoComplete, button, isFirst, onProblem, run }: OneFieldProps) {
  const [text, setText] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [hintId, id] = [useId(), useId()];
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (text.trim() === "") {
      onProblem(`${label}: nothing is typed in yet.`);
      return;
    }
    setBusy(true);
    onProblem("");
    run(text)
      .catch((error: unknown) => onProblem(told(error, label)))
      .finally(() => setBusy(false));
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={styles.input}
        type={type}
        autoComplete={autoComplete}
        value={text}
        aria-describedby={hint === undefined ? undefined : hintId}
        onChange={(event) => setText(event.target.value)}
      />
      {hint !== undefined && (
        <p id={hintId} className={styles.said}>
          {hint}
        </p>
      )}
      <button type="submit" className={isFirst ? styles.primary : styles.button} disabled={isBusy}>
        {isBusy ? "Signing in…" : button}
      </button>
    </form>
  );
}

function told(error: unknown, label: string): string {
  if (error instanceof ApiError && error.status === 401) return `${label}: the server does not know it.`;
  return words(error);
}
