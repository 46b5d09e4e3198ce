import { useState } from "react";
import { useSession } from "../services.ts";

/** Who is signed in, or was until their session ended; empty until somebody is. */
export function useActor(): string {
  const state = useSession();
  const now = state.kind === "in" ? state.person.actor : "";
  const [last, setLast] = useState(now);
  // What was typed is theirs, also while they sign in again.
  if (now !== "" && now !== last) setLast(now);
  return now || last;
}
