import { useNavigate } from "@tanstack/react-router";
import { path } from "@/shared/api/paths.ts";
import { useKeptForm } from "@/shared/drafts/useKeptForm.ts";
import { Field } from "@/shared/parts/Field.tsx";
import { MakeForm } from "@/shared/parts/MakeForm.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";

const EMPTY = { name: "", description: "", claim: "groups", value: "" };

/** A new role: its name and who has it; what it may do is given on its own page. */
export function NewRole({ project }: { readonly project: string }) {
  const { api } = useServices();
  const navigate = useNavigate();
  const why = useWhyNot({ verb: "create", group: "rbac.authorization.k8s.io", resource: "roles", namespace: project });
  const [form, change, clear] = useKeptForm(`form:role:${project}`, EMPTY);
  const make = async () => {
    await api.send("POST", path`v1beta1/projects/${project}/roles`, {
      metadata: { name: form.name, ...(form.description === "" ? {} : { annotations: { "kargo.akuity.io/description": form.description } }) },
      ...(form.value === "" ? {} : { claims: [{ name: form.claim, values: [form.value] }] }),
    });
    return form.name;
  };
  const onMade = (role: string) => {
    clear();
    return navigate({ to: "/p/$project/settings/roles/$role", params: { project, role } });
  };
  return (
    <Section title="A new role">
      <MakeForm button="Make the role" why={why} make={make} onMade={onMade}>
        <Field label="Name" value={form.name} most={253} isRequired isOff={why !== ""} onChange={(name) => change({ name })} />
        <Field label="Description (may be left out)" value={form.description} isOff={why !== ""} onChange={(description) => change({ description })} />
        <div className={page.row}>
          <Field label="Who has it: claim" hint="As the provider names it, such as groups or email" value={form.claim} isOff={why !== ""} onChange={(claim) => change({ claim })} />
          <Field label="Value" hint="May be given later" value={form.value} isOff={why !== ""} onChange={(value) => change({ value })} />
        </div>
      </MakeForm>
    </Section>
  );
}
