/** An actor as people say it: `email:a@example.com` is a@example.com, `controller:stage-controller` is Towpath itself. */
export function person(actor: string): string {
  const colon = actor.indexOf(":");
  const [kind, name] = colon === -1 ? ["", actor] : [actor.slice(0, colon), actor.slice(colon + 1)];
  if (kind === "controller") return "Towpath";
  if (kind === "serviceaccount" || actor.startsWith("system:serviceaccount:")) return `account ${actor.slice(actor.lastIndexOf(":") + 1)}`;
  return name === "" ? actor : name;
}

/** Somebody as bindings name them: `Group/release-managers`, `User/ada@example.com`, `ServiceAccount/ci`, or a claim, `groups/release-managers`. */
export function subject(name: string): string {
  const [kind = "", ...rest] = name.split("/");
  const who = rest.join("/");
  if (who === "") return name;
  if (kind === "User") return who;
  if (kind === "Group") return `the group ${who}`;
  return kind === "ServiceAccount" ? `the account ${who}` : `whoever has ${who} in ${kind}`;
}
