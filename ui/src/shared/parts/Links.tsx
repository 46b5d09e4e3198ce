import { path } from "../api/paths.ts";
import { useAsked } from "../api/useAsked.ts";
import page from "./page.module.css";

interface WireLinks {
  readonly links?: readonly { readonly title?: string; readonly url?: string; readonly description?: string }[];
  readonly errors?: readonly string[];
}

export interface LinksProps {
  readonly project: string;
  readonly of: "stages" | "freight";
  readonly name: string;
}

/** Links to elsewhere that the Project's administrators have set up, such as dashboards. Nothing where there are none. */
export function Links({ project, of, name }: LinksProps) {
  const { data } = useAsked<WireLinks>(path`v1beta1/projects/${project}/${of}/${name}/links`);
  const links = (data?.links ?? []).filter(({ url }) => url !== undefined && /^https?:\/\//.test(url));
  const errors = data?.errors ?? [];
  return (
    <>
      {links.map(({ title, url, description }) => (
        <a key={`${title ?? ""} ${url ?? ""}`} className={page.button} href={url} title={description} target="_blank" rel="noreferrer noopener">
          {title || url} <span aria-hidden="true">↗</span>
        </a>
      ))}
      {errors.length > 0 && (
        <span className={page.muted} title={errors.join("\n")}>
          {errors.length === 1 ? "One link" : `${errors.length} links`} could not be made: {errors[0]}
        </span>
      )}
    </>
  );
}
