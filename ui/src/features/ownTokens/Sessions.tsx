import type { components } from "@/shared/api/schema.ts";
import { path, seconds } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Confirm } from "@/shared/parts/Confirm.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { useServices } from "@/shared/services.ts";

const SESSIONS = "towpath/v1/me/sessions";

/** Where one is signed in, each to end. */
export function Sessions() {
  const { api } = useServices();
  const { data, error, retry } = useAsked<components["schemas"]["OwnSessions"]>(SESSIONS);
  const end = async (id: string) => {
    await api.send("DELETE", `${SESSIONS}/${path`${id}`}`);
    retry();
  };
  return (
    <Section title="Where you are signed in">
      {error !== null && <Problem what="Your sessions" error={error} retry={retry} />}
      {data === undefined && error === null && <Loading what="your sessions" rows={1} />}
      {data?.items.length === 0 && <Empty title="In no browser: this page came with a token" />}
      <dl className={page.facts}>
        {data?.items.map((each) => (
          <div key={each.id} className={page.pair}>
            <dt>{each.isThis ? "This browser" : each.address}</dt>
            <dd>
              {each.agent.slice(0, 120)}
              <p className={page.muted}>
                since <When at={seconds(each.created)} isAlone />, used <Age since={seconds(each.used)} /> ago, ends <When at={seconds(each.expires)} isAlone /> at the latest
              </p>
              {!each.isThis && <Confirm label="End it" confirm="End this session" what="Whoever sits there has to sign in again." run={() => end(each.id)} />}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
