/** An actor as people say it: `email:a@example.com` is a@example.com, `controller:stage-controller` is Towpath itself. */
export function person(actor: string): string {
  const colon = actor.indexOf(":");
  const [kind, name] = colon === -1 ? ["", actor] : [actor.slice(0, colon), actor.slice(colon + 1)];
  if (kind === "controller") return "Towpath";
  if (kind === "serviceaccount" || actor.startsWith("system:serviceaccount:")) return `account ${actor.slice(actor.lastIndexOf(":") + 1)}`;
  return name === "" ? actor : name;
}
